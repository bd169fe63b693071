; What a Ruby file defines.

(class name: (_) @name) @class
(module name: (_) @name) @module
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(alias name: (identifier) @name) @method

(assignment left: (constant) @name) @constant

((call
  method: (identifier) @word
  arguments: (argument_list (simple_symbol) @name @property))
 (#set! words "attr_reader attr_writer attr_accessor"))
((call
  method: (identifier) @word
  arguments: (argument_list . (simple_symbol) @name)) @method
 (#set! words "define_method scope"))
