/* One-owner region: many small allocations, one free. A snapshot or a request lives in one. Allocation never returns
 * NULL below the maximum (out of memory aborts: it is our own state); past the maximum it returns NULL and the arena is
 * marked failed. */
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct arena *arena_new(size_t max_bytes);
void arena_free(struct arena *arena); /* NULL is fine */
void arena_reset(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *bytes,
                    size_t len); /* NUL-ended copy of len bytes; may contain NULs */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool arena_failed(const struct arena *arena);
size_t arena_bytes(const struct arena *arena);
#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))
/* Grows an arena array by doubling: *items holds *cap slots of size bytes, count of them used; returns the (moved)
 * array or NULL. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *cap, size_t size);
#endif
