/* What stands for a glyph where there is no Unicode. Pure. */
#ifndef WEIR_TUI_CANVAS_ASCII_H
#define WEIR_TUI_CANVAS_ASCII_H
#include <stdint.h>

/* One printable ASCII character for a code point: lines, blocks, arrows and marks get a likeness, all others '?'. */
char canvas_ascii(uint32_t code);
#endif
