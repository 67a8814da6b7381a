/* Text for people: strict UTF-8, display width, the sanitiser (the one choke point for remote text, used by the canvas
 * and by command-line tables), and how we write bytes, counts, durations and times. Pure functions; setlocale has been
 * called. */
#ifndef WEIR_BASE_TEXT_H
#define WEIR_BASE_TEXT_H
#include "backend/base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one code point strictly (RFC 3629: no overlongs, surrogates, > U+10FFFF). Returns its length 1..4; 0 when the
 * bytes are invalid (skip one byte) or len is 0. */
size_t text_decode(const char *bytes, size_t len, uint32_t *code);
/* Encodes into out[4]; returns the length (0 for an invalid code point). */
size_t text_encode(uint32_t code, char out[4]);
/* Columns of one code point: 0 (combining), 1, 2, or -1 when it must not reach a terminal as it is (control, format,
 * unassigned). */
int text_code_width(uint32_t code);
/* The sanitiser: writes a printable, harmless form of len bytes. C0/C1/DEL and bad bytes become \xNN (\n \t \r their
 * letter form), bidi, zero width, BOM, tags, U+2028/9 become <U+NNNN>, combining marks are capped at 2 (one without
 * a base becomes <U+NNNN>), FE0E and FE0F are dropped, unassigned is U+FFFD. */
bool text_clean(const char *bytes, size_t len, struct buf *out);
/* As above for a NUL-ended string into a fixed array, cut at a character. Returns out. */
char *text_clean_into(const char *text, char *out, size_t size);
/* Columns that already clean text takes. */
int text_width(const char *clean, size_t len);
/* Length in bytes of the longest prefix of clean text that fits in columns; *used gets its width. */
size_t text_fit(const char *clean, size_t len, int columns, int *used);

enum { TEXT_SHORT = 32 }; /* enough for any of the forms below */
/* "0 B", "999 B", "1.31 GiB": three digits, binary units. */
char *text_bytes(uint64_t bytes, char out[TEXT_SHORT]);
/* "41 200": digits grouped by a thin gap (a plain space). */
char *text_count(int64_t count, char out[TEXT_SHORT]);
/* At most two units: "4s", "3m", "1h04m", "2d03h"; below a second "210ms". */
char *text_duration(int64_t ms, char out[TEXT_SHORT]);
/* "2026-11-22 14:29:02Z" of milliseconds since 1970. */
char *text_time(int64_t wall_ms, char out[TEXT_SHORT]);
/* Parses "2026-11-22T14:29:02.000Z" (ISO 8601) or RFC 1123 "Sun, 22 Nov 2026 14:29:02 GMT"; false when it is neither.
 */
bool text_parse_time(const char *text, int64_t *wall_ms);
/* Parses "10", "10MB", "1.5GiB", "64k" (binary multiples for all) to bytes. */
bool text_parse_bytes(const char *text, uint64_t *bytes);
/* Parses "500ms", "30s", "5m", "2h", "1d" to ms. */
bool text_parse_duration(const char *text, int64_t *ms);
/* ASCII case-insensitive find; NULL when absent. */
const char *text_find(const char *haystack, const char *needle);
/* Subsequence match as in a fuzzy finder: score > 0 when all of needle's bytes occur in order, higher is better; 0 no
 * match. */
int text_fuzzy(const char *haystack, const char *needle);
#endif
