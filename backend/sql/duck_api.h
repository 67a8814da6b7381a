/* DuckDB's C functions by name, looked up at run time: only for the files duck*.c, the home of the library. */
#ifndef WEIR_SQL_DUCK_API_H
#define WEIR_SQL_DUCK_API_H
#include <duckdb.h>

#define DUCK_FUNCTIONS(X)                                                                                              \
    X(duckdb_create_config)                                                                                            \
    X(duckdb_set_config)                                                                                               \
    X(duckdb_destroy_config)                                                                                           \
    X(duckdb_open_ext)                                                                                                 \
    X(duckdb_close)                                                                                                    \
    X(duckdb_connect)                                                                                                  \
    X(duckdb_disconnect)                                                                                               \
    X(duckdb_interrupt)                                                                                                \
    X(duckdb_query_progress)                                                                                           \
    X(duckdb_library_version)                                                                                          \
    X(duckdb_free)                                                                                                     \
    X(duckdb_query)                                                                                                    \
    X(duckdb_prepare)                                                                                                  \
    X(duckdb_prepare_error)                                                                                            \
    X(duckdb_destroy_prepare)                                                                                          \
    X(duckdb_pending_prepared_streaming)                                                                               \
    X(duckdb_pending_error)                                                                                            \
    X(duckdb_execute_pending)                                                                                          \
    X(duckdb_destroy_pending)                                                                                          \
    X(duckdb_result_error)                                                                                             \
    X(duckdb_result_error_type)                                                                                        \
    X(duckdb_destroy_result)                                                                                           \
    X(duckdb_fetch_chunk)                                                                                              \
    X(duckdb_destroy_data_chunk)                                                                                       \
    X(duckdb_data_chunk_get_size)                                                                                      \
    X(duckdb_data_chunk_get_column_count)                                                                              \
    X(duckdb_data_chunk_get_vector)                                                                                    \
    X(duckdb_column_count)                                                                                             \
    X(duckdb_column_name)                                                                                              \
    X(duckdb_column_logical_type)                                                                                      \
    X(duckdb_rows_changed)                                                                                             \
    X(duckdb_destroy_logical_type)                                                                                     \
    X(duckdb_get_type_id)                                                                                              \
    X(duckdb_decimal_width)                                                                                            \
    X(duckdb_decimal_scale)                                                                                            \
    X(duckdb_decimal_internal_type)                                                                                    \
    X(duckdb_enum_internal_type)                                                                                       \
    X(duckdb_enum_dictionary_value)                                                                                    \
    X(duckdb_list_type_child_type)                                                                                     \
    X(duckdb_array_type_child_type)                                                                                    \
    X(duckdb_array_type_array_size)                                                                                    \
    X(duckdb_map_type_key_type)                                                                                        \
    X(duckdb_map_type_value_type)                                                                                      \
    X(duckdb_struct_type_child_count)                                                                                  \
    X(duckdb_struct_type_child_name)                                                                                   \
    X(duckdb_struct_type_child_type)                                                                                   \
    X(duckdb_vector_get_data)                                                                                          \
    X(duckdb_vector_get_validity)                                                                                      \
    X(duckdb_list_vector_get_child)                                                                                    \
    X(duckdb_list_vector_get_size)                                                                                     \
    X(duckdb_list_vector_set_size)                                                                                     \
    X(duckdb_list_vector_reserve)                                                                                      \
    X(duckdb_struct_vector_get_child)                                                                                  \
    X(duckdb_array_vector_get_child)                                                                                   \
    X(duckdb_string_t_length)                                                                                          \
    X(duckdb_string_t_data)                                                                                            \
    X(duckdb_from_date)                                                                                                \
    X(duckdb_from_time)                                                                                                \
    X(duckdb_from_timestamp)                                                                                           \
    X(duckdb_logical_type_get_alias)                                                                                   \
    X(duckdb_create_logical_type)                                                                                      \
    X(duckdb_create_scalar_function)                                                                                   \
    X(duckdb_destroy_scalar_function)                                                                                  \
    X(duckdb_scalar_function_set_name)                                                                                 \
    X(duckdb_scalar_function_add_parameter)                                                                            \
    X(duckdb_scalar_function_set_return_type)                                                                          \
    X(duckdb_scalar_function_set_extra_info)                                                                           \
    X(duckdb_scalar_function_get_extra_info)                                                                           \
    X(duckdb_scalar_function_set_function)                                                                             \
    X(duckdb_scalar_function_set_error)                                                                                \
    X(duckdb_register_scalar_function)                                                                                 \
    X(duckdb_vector_assign_string_element_len)                                                                         \
    X(duckdb_vector_ensure_validity_writable)                                                                          \
    X(duckdb_validity_set_row_invalid)

struct duck_api {
#define X(name) __typeof__(name) *name;
    DUCK_FUNCTIONS(X)
#undef X
};

/* The inside of struct duck, for duck_functions.c and the like. */
struct duck {
    struct duck_api api;
    void *library; /* of dlopen */
    duckdb_database database;
    duckdb_connection connection;
};

/* A type as the engine describes it, resolved once per column. */
struct duck_type {
    duckdb_type id;
    duckdb_type internal; /* of a decimal or enum */
    uint8_t width, scale; /* decimal */
    uint64_t array_size;  /* ARRAY */
    bool is_json;
    duckdb_logical_type logical;
    struct duck_type *child; /* list and array: 1, map: key and value, struct: one per field */
    char **names;            /* struct */
    size_t child_count;
};
#endif
