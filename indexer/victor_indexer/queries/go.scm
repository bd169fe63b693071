; What a Go file defines. Where two patterns name the same spot, the upper one counts.

(function_declaration name: (identifier) @name) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: (_) @owner))
  name: (field_identifier) @name) @method

(type_spec name: (type_identifier) @name type: (struct_type)) @struct
(type_spec name: (type_identifier) @name type: (interface_type)) @interface
(type_spec name: (type_identifier) @name) @type
(type_alias name: (type_identifier) @name) @type

(field_declaration name: (field_identifier) @name) @field
(method_elem name: (field_identifier) @name) @method

(const_spec (identifier) @name) @constant
(var_spec name: (identifier) @name) @variable
