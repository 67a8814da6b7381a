/* Blocks in a list, newest first; an allocation that does not fit starts a block of its own size or of twice the last
 * one. Freed as a whole. One owner, any thread. */
#include "backend/base/arena.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_FIRST = 4096, BLOCK_LARGEST = 1 << 20, ALIGN = _Alignof(max_align_t) };

struct block {
    struct block *next;
    size_t size, used; /* of bytes */
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    struct block *blocks;
    size_t max, bytes, next_size;
    bool failed;
};

static void *checked(void *memory)
{
    if (!memory) {
        fputs("weir: out of memory\n", stderr);
        abort();
    }
    return memory;
}

struct arena *arena_new(size_t max_bytes)
{
    struct arena *arena = checked(calloc(1, sizeof *arena));
    arena->max = max_bytes < SIZE_MAX / 2 ? max_bytes : SIZE_MAX / 2;
    arena->next_size = BLOCK_FIRST;
    return arena;
}

void arena_reset(struct arena *arena)
{
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){.max = arena->max, .next_size = BLOCK_FIRST};
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    free(arena);
}

static struct block *block_with_room(struct arena *arena, size_t size)
{
    struct block *block = arena->blocks;
    if (block && size <= block->size - block->used)
        return block;
    size_t room = size > arena->next_size ? size : arena->next_size;
    block = checked(calloc(1, sizeof *block + room)); /* zero pages come free from the kernel for large ones */
    block->size = room;
    block->next = arena->blocks;
    arena->blocks = block;
    if (arena->next_size < BLOCK_LARGEST)
        arena->next_size *= 2;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (arena->failed || size > arena->max - arena->bytes) {
        arena->failed = true;
        return NULL;
    }
    size_t step = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (!step)
        step = ALIGN;
    struct block *block = block_with_room(arena, step);
    void *memory = block->bytes + block->used;
    block->used += step;
    arena->bytes += size;
    return memory;
}

char *arena_strndup(struct arena *arena, const char *bytes, size_t len)
{
    char *copy = len < SIZE_MAX ? arena_alloc(arena, len + 1) : NULL;
    if (copy && len)
        memcpy(copy, bytes, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
    if (!text)
        return NULL;
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

bool arena_failed(const struct arena *arena)
{
    return arena->failed;
}

size_t arena_bytes(const struct arena *arena)
{
    return arena->bytes;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *cap, size_t size)
{
    if (items && count < *cap)
        return items;
    size_t wanted = *cap ? *cap * 2 : 8;
    if (wanted > SIZE_MAX / size / 2) {
        arena->failed = true;
        return NULL;
    }
    void *moved = arena_alloc(arena, wanted * size);
    if (!moved)
        return NULL;
    if (items)
        memcpy(moved, items, count * size);
    *cap = wanted;
    return moved;
}
