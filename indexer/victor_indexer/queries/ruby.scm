; What a Ruby file defines.

(class name: (_) @name) @class
(module name: (_) @name) @module
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(alias name: (identifier) @name) @method

(assignment left: (constant) @name) @constant

((call
  method: (identifier) @_method
  arguments: (argument_list (simple_symbol) @name @property))
 (#any-of? @_method "attr_reader" "attr_writer" "attr_accessor"))
((call
  method: (identifier) @_method
  arguments: (argument_list . (simple_symbol) @name)) @method
 (#any-of? @_method "define_method" "scope"))
