; What a Python file defines. Where two patterns name the same spot, the upper one counts.

((decorated_definition
  (decorator (identifier) @word)
  definition: (function_definition name: (identifier) @name) @property)
 (#set! words "property cached_property"))

(class_definition name: (identifier) @name) @class
(function_definition name: (identifier) @name) @function

(expression_statement (assignment left: (identifier) @name)) @variable
(expression_statement (assignment left: (pattern_list (identifier) @name))) @variable

(type_alias_statement left: (type (identifier) @name)) @type
(type_alias_statement left: (type (generic_type (identifier) @name))) @type
