/* Likenesses in ASCII of the glyphs that the console itself draws. Called by the canvas when the locale or --no-unicode
 * rules Unicode out. Pure. */
#include "tui/canvas_ascii.h"
#include <stddef.h>

struct likeness {
    uint32_t first, last;
    const char *ascii; /* one for all, or one per code point of the range */
};

static const struct likeness likenesses[] = {
    {.first = 0x00a0, .last = 0x00a0, .ascii = " "},
    {.first = 0x00b7, .last = 0x00b7, .ascii = "."},
    {.first = 0x00d7, .last = 0x00d7, .ascii = "x"},
    {.first = 0x2009, .last = 0x200a, .ascii = " "},
    {.first = 0x2010, .last = 0x2015, .ascii = "-"},
    {.first = 0x2018, .last = 0x201b, .ascii = "'"},
    {.first = 0x201c, .last = 0x201f, .ascii = "\""},
    {.first = 0x2022, .last = 0x2022, .ascii = "*"},
    {.first = 0x2026, .last = 0x2026, .ascii = "~"},
    {.first = 0x202f, .last = 0x202f, .ascii = " "},
    {.first = 0x2039, .last = 0x203a, .ascii = "<>"},
    {.first = 0x2190, .last = 0x2193, .ascii = "<^>v"},
    {.first = 0x21b5, .last = 0x21b5, .ascii = "<"},
    {.first = 0x2205, .last = 0x2205, .ascii = "~"}, /* NULL in previews */
    {.first = 0x2500, .last = 0x2501, .ascii = "-="},
    {.first = 0x2502, .last = 0x2503, .ascii = "|"},
    {.first = 0x2504, .last = 0x2505, .ascii = "-"},
    {.first = 0x2506, .last = 0x2507, .ascii = "|"},
    {.first = 0x250c, .last = 0x254b, .ascii = "+"},
    {.first = 0x2550, .last = 0x2551, .ascii = "=|"},
    {.first = 0x2552, .last = 0x2570, .ascii = "+"},
    {.first = 0x2574, .last = 0x257f, .ascii = "-|-|=|=|-|-|"},
    {.first = 0x2580, .last = 0x2580, .ascii = "#"},
    {.first = 0x2581, .last = 0x2588, .ascii = "_.:-=+*#"},
    {.first = 0x2589, .last = 0x2593, .ascii = "#"},
    {.first = 0x25a0, .last = 0x25a1, .ascii = "#."},
    {.first = 0x25b0, .last = 0x25b1, .ascii = "#-"},
    {.first = 0x25b2, .last = 0x25b3, .ascii = "^"},
    {.first = 0x25b4, .last = 0x25b5, .ascii = "^"},
    {.first = 0x25b6, .last = 0x25b9, .ascii = ">"},
    {.first = 0x25bc, .last = 0x25bf, .ascii = "v"},
    {.first = 0x25c0, .last = 0x25c3, .ascii = "<"},
    {.first = 0x25c6, .last = 0x25c7, .ascii = "*o"},
    {.first = 0x25cb, .last = 0x25cf, .ascii = "o***o"},
    {.first = 0x2713, .last = 0x2714, .ascii = "+"},
    {.first = 0x2715, .last = 0x2718, .ascii = "x"},
    {.first = 0x2801, .last = 0x28ff, .ascii = "*"},
};

char canvas_ascii(uint32_t code)
{
    for (size_t i = 0; i < sizeof likenesses / sizeof likenesses[0]; i++) {
        const struct likeness *like = &likenesses[i];
        if (code >= like->first && code <= like->last)
            return like->ascii[1] ? like->ascii[code - like->first] : like->ascii[0];
    }
    return '?';
}
