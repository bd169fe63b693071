; What C++ has beyond c.scm.

(namespace_definition name: (_) @name) @namespace
(class_specifier name: (_) @name body: (_)) @class
(struct_specifier name: (template_type name: (type_identifier) @name) body: (_)) @struct
(alias_declaration name: (type_identifier) @name) @type
(concept_definition name: (identifier) @name) @type

(function_definition
  declarator: (function_declarator
    declarator: [(field_identifier) (qualified_identifier) (destructor_name) (operator_name)] @name)) @function
(function_definition
  declarator: (_ (function_declarator
    declarator: [(identifier) (field_identifier) (qualified_identifier) (operator_name)] @name))) @function

(field_declaration
  declarator: (function_declarator declarator: [(field_identifier) (operator_name)] @name)) @prototype
(field_declaration
  declarator: (_ (function_declarator declarator: [(field_identifier) (operator_name)] @name))) @prototype
(declaration declarator: (function_declarator declarator: (destructor_name) @name)) @prototype
(field_declaration declarator: (reference_declarator (field_identifier) @name)) @field
