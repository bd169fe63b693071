; What JavaScript and TypeScript share. Where two patterns name the same spot, the upper one counts.

(class_declaration name: (_) @name) @class
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function

(method_definition
  name: [(property_identifier) (private_property_identifier)] @name) @method
(method_definition name: (string (string_fragment) @name)) @method

(variable_declarator
  name: (identifier) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @function
(variable_declarator name: (identifier) @name value: (class)) @class

(assignment_expression
  left: (member_expression object: (_) @owner property: (property_identifier) @name)
  right: [(arrow_function) (function_expression) (generator_function)]) @function
(assignment_expression
  left: (member_expression object: (_) @owner property: (property_identifier) @name)
  right: (class)) @class
(assignment_expression
  left: (identifier) @name
  right: [(arrow_function) (function_expression)]) @function

(pair
  key: (property_identifier) @name
  value: [(arrow_function) (function_expression)]) @method

(program (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(export_statement (variable_declaration (variable_declarator name: (identifier) @name) @variable))
