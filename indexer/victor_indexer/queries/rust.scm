; What a Rust file defines. An impl block is no symbol of its own, but contains under its type's name.

(struct_item name: (type_identifier) @name) @struct
(union_item name: (type_identifier) @name) @struct
(enum_item name: (type_identifier) @name) @enum
(enum_variant name: (identifier) @name) @constant
(field_declaration name: (field_identifier) @name) @field
(trait_item name: (type_identifier) @name) @trait
(mod_item name: (identifier) @name body: (_)) @module
(impl_item type: (_) @name) @scope

(function_item name: (_) @name) @function
(function_signature_item name: (_) @name) @function
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @variable
(type_item name: (type_identifier) @name) @type
(associated_type name: (type_identifier) @name) @type
(macro_definition name: (identifier) @name) @macro
