/* Growable bytes with a stated maximum. A failure (maximum passed, out of memory) is sticky: later appends do nothing,
 * and one check at the end is enough. The bytes are always followed by a NUL that len does not count. Single owner, any
 * thread. */
#ifndef WEIR_BASE_BUF_H
#define WEIR_BASE_BUF_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data; /* NULL until the first append */
    size_t len, cap, max;
    bool failed;
};

/* An empty buffer that refuses to grow past max bytes. */
#define BUF_INIT(maximum) ((struct buf){.max = (maximum)})
void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);  /* frees; the buffer is empty and usable again */
void buf_clear(struct buf *buf); /* len = 0, failed = false; keeps the memory */
bool buf_append(struct buf *buf, const void *bytes, size_t len);
bool buf_puts(struct buf *buf, const char *text);
bool buf_putc(struct buf *buf, char byte);
bool buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_vprintf(struct buf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* Makes room for len more bytes and returns where to write them (then add to buf->len), NULL on failure. */
char *buf_reserve(struct buf *buf, size_t len);
/* Removes the first len bytes. */
void buf_consume(struct buf *buf, size_t len);
/* Hands the NUL-ended bytes over to the caller, who frees them; NULL if the buffer failed. The buffer is empty
 * afterwards. */
char *buf_take(struct buf *buf);
/* The text so far, "" when empty; valid until the next change. */
const char *buf_text(const struct buf *buf);
#endif
