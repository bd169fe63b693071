; What TypeScript has beyond ecmascript.scm.

(abstract_class_declaration name: (_) @name) @class
(interface_declaration name: (_) @name) @interface
(enum_declaration name: (_) @name) @enum
(enum_body (property_identifier) @name @constant)
(enum_assignment name: (property_identifier) @name) @constant
(type_alias_declaration name: (_) @name) @type

(internal_module name: (_) @name) @namespace
(module name: [(identifier) (nested_identifier)] @name) @namespace
(module name: (string (string_fragment) @name)) @module

(function_signature name: (identifier) @name) @function
(abstract_method_signature name: (_) @name) @method
(interface_body (method_signature name: (property_identifier) @name) @method)
(class_body (method_signature name: (property_identifier) @name) @method)
(interface_body (property_signature name: (property_identifier) @name) @property)

(public_field_definition
  name: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @method
(public_field_definition name: [(property_identifier) (private_property_identifier)] @name) @field

(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(ambient_declaration (variable_declaration (variable_declarator name: (identifier) @name) @variable))
