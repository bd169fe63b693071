; What C and C++ share. A declarator wraps the name in as many layers as the type has pointers and arrays.

(preproc_def name: (identifier) @name) @macro
(preproc_function_def name: (identifier) @name) @macro

(struct_specifier name: (type_identifier) @name body: (_)) @struct
(union_specifier name: (type_identifier) @name body: (_)) @struct
(enum_specifier name: (type_identifier) @name body: (_)) @enum
(enumerator name: (identifier) @name) @constant

(type_definition
  type: [(struct_specifier !name) (union_specifier !name)]
  declarator: (type_identifier) @name) @struct
(type_definition type: (enum_specifier !name) declarator: (type_identifier) @name) @enum
(type_definition declarator: (type_identifier) @name) @type
(type_definition declarator: (_ declarator: (type_identifier) @name)) @type
(type_definition
  declarator: (function_declarator
    declarator: (parenthesized_declarator (_ declarator: (type_identifier) @name)))) @type

(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (_ declarator: (function_declarator declarator: (identifier) @name))) @function
(function_definition
  declarator: (_ declarator: (_ declarator: (function_declarator declarator: (identifier) @name)))) @function

(declaration declarator: (function_declarator declarator: (identifier) @name)) @prototype
(declaration declarator: (_ declarator: (function_declarator declarator: (identifier) @name))) @prototype
(declaration
  declarator: (_ declarator: (_ declarator: (function_declarator declarator: (identifier) @name)))) @prototype

(declaration
  declarator: (function_declarator
    declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @name)))) @variable
(declaration declarator: (identifier) @name) @variable
(declaration declarator: (init_declarator declarator: (identifier) @name)) @variable
(declaration declarator: (pointer_declarator declarator: (identifier) @name)) @variable
(declaration declarator: (array_declarator declarator: (identifier) @name)) @variable
(declaration declarator: (init_declarator declarator: (_ declarator: (identifier) @name))) @variable

(field_declaration
  declarator: (function_declarator
    declarator: (parenthesized_declarator (pointer_declarator declarator: (field_identifier) @name)))) @field
(field_declaration declarator: (field_identifier) @name) @field
(field_declaration declarator: (pointer_declarator declarator: (field_identifier) @name)) @field
(field_declaration declarator: (array_declarator declarator: (field_identifier) @name)) @field
