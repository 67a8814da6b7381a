/* Which key a control character or the final byte of a control sequence is. Used by input.c. Pure. */
#ifndef WEIR_TUI_INPUT_TABLE_H
#define WEIR_TUI_INPUT_TABLE_H
#include "tui/event.h"

/* ESC [ params final (or ESC O final); the modifiers in params[1] are the caller's. False: not a key. */
bool input_table_csi(char final, const int *params, struct key *key);
/* Bytes below 0x20, blank and DEL; false for all others, and for ESC. */
bool input_table_control(unsigned char byte, struct key *key);
#endif
