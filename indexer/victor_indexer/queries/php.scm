; What a PHP file defines. A namespace without a body holds the rest of its file.

(namespace_definition name: (_) @name body: (_)) @namespace
(namespace_definition name: (_) @name) @rest
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @trait
(enum_declaration name: (name) @name) @enum
(enum_case name: (name) @name) @constant

(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @method
(property_element name: (variable_name (name) @name)) @field
(property_promotion_parameter name: (variable_name (name) @name)) @field
(const_element . (name) @name) @constant

((function_call_expression
  function: (name) @word
  arguments: (arguments . (argument (string (string_content) @name)))) @constant
 (#set! words "define"))
