/* CSV (RFC 4180) for the preview: delimiter guess and rows. Ragged rows are kept as they are: missing cells are NULL.
 * Pure. */
#include "backend/domain/preview.h"
#include <string.h>

enum { GUESS_LINES = 20 };
static const char delimiters[] = ",;\t|";

/* One cell from *at; moves past it and its end. Returns false at the end of the text. */
struct reader {
    const char *at, *end;
    char delimiter;
    bool is_row_end; /* the cell just read was the last of its row */
    bool is_cut;     /* the text ended inside quotes */
};

/* Copies a quoted cell with doubled quotes joined; out needs no more room than the input has. */
static size_t read_quoted(struct reader *reader, char *out)
{
    size_t len = 0;
    for (reader->at++; reader->at < reader->end; reader->at++) {
        if (*reader->at != '"') {
            out[len++] = *reader->at;
        } else if (reader->at + 1 < reader->end && reader->at[1] == '"') {
            out[len++] = '"';
            reader->at++;
        } else {
            reader->at++;
            return len;
        }
    }
    reader->is_cut = true;
    return len;
}

static size_t read_cell(struct reader *reader, char *out)
{
    size_t len = 0;
    if (reader->at < reader->end && *reader->at == '"')
        len = read_quoted(reader, out);
    while (reader->at < reader->end && *reader->at != reader->delimiter && *reader->at != '\n') {
        out[len++] = *reader->at; /* also what stands after a closing quote: kept, not lost */
        reader->at++;
    }
    reader->is_row_end = reader->at == reader->end || *reader->at == '\n';
    if (reader->at < reader->end)
        reader->at++;
    if (reader->is_row_end && len && out[len - 1] == '\r')
        len--;
    return len;
}

/* Counts one delimiter outside quotes per line. */
static size_t count_line(const char **at, const char *end, char delimiter)
{
    size_t count = 0;
    bool is_quoted = false;
    for (; *at < end && (is_quoted || **at != '\n'); (*at)++) {
        is_quoted ^= **at == '"';
        count += !is_quoted && **at == delimiter;
    }
    return count;
}

/* How many delimiters every looked-at line has; 0 when they differ or there are fewer than two lines. */
static size_t agreement(const char *text, size_t len, char delimiter)
{
    const char *at = text, *end = text + len;
    size_t expected = count_line(&at, end, delimiter), lines = 1;
    for (; lines < GUESS_LINES && at < end; lines++) {
        at++; /* the line end */
        if (at == end)
            break;
        const char *start = at;
        size_t count = count_line(&at, end, delimiter);
        if (at == end) /* the last line may be cut */
            break;
        if (count != expected && at - start > 1)
            return 0;
    }
    return lines > 1 ? expected : 0;
}

char preview_delimiter(const char *text, size_t len)
{
    char best = 0;
    size_t most = 0;
    for (const char *delimiter = delimiters; *delimiter; delimiter++) {
        size_t count = agreement(text, len, *delimiter);
        if (count > most) {
            most = count;
            best = *delimiter;
        }
    }
    return best;
}

struct table {
    struct arena *arena;
    const char **cells; /* all cells, row after row */
    size_t count, cap;
    size_t starts[PREVIEW_ROWS + 2]; /* of each row in cells; the header is row 0 */
    size_t rows, columns;
};

static bool add_row(struct table *table, struct reader *reader, char *scratch)
{
    size_t start = table->count;
    do {
        size_t len = read_cell(reader, scratch);
        const char **cells = arena_grow(table->arena, table->cells, table->count, &table->cap, sizeof *cells);
        if (!cells)
            return false;
        table->cells = cells;
        if (table->count - start < PREVIEW_COLUMNS)
            cells[table->count++] = arena_strndup(table->arena, scratch, len);
    } while (!reader->is_row_end);
    size_t columns = table->count - start;
    if (columns == 1 && !*table->cells[start]) { /* an empty line */
        table->count = start;
        return true;
    }
    table->starts[table->rows++] = start;
    if (columns > table->columns)
        table->columns = columns;
    return !arena_failed(table->arena);
}

static bool finish(struct table *table, struct object_view *view)
{
    size_t columns = table->columns, rows = table->rows ? table->rows - 1 : 0;
    const char **header = columns ? ARENA_ARRAY(table->arena, const char *, columns) : NULL;
    const char **cells = columns && rows ? ARENA_ARRAY(table->arena, const char *, columns *rows) : NULL;
    if ((columns && !header) || (columns && rows && !cells))
        return false;
    table->starts[table->rows] = table->count;
    for (size_t row = 0; row < table->rows; row++) {
        size_t len = table->starts[row + 1] - table->starts[row];
        const char **to = row ? cells + (row - 1) * columns : header;
        memcpy(to, table->cells + table->starts[row], len * sizeof *to); /* the rest stays NULL: absent */
    }
    view->header = header;
    view->cells = cells;
    view->columns = columns;
    view->rows = rows;
    return true;
}

bool preview_table(struct arena *arena, const char *text, size_t len, char delimiter, bool is_whole,
                   struct object_view *view)
{
    struct table *table = ARENA_NEW(arena, struct table);
    char *scratch = arena_alloc(arena, len + 1);
    struct reader reader = {.at = text, .end = text + len, .delimiter = delimiter};
    if (!table || !scratch)
        return false;
    table->arena = arena;
    static const char mark[] = "\xEF\xBB\xBF"; /* a byte order mark is no part of the first name */
    if (len >= 3 && memcmp(text, mark, 3) == 0)
        reader.at += 3;
    while (reader.at < reader.end && table->rows <= PREVIEW_ROWS) {
        size_t rows = table->rows;
        if (!add_row(table, &reader, scratch))
            return false;
        bool is_last = reader.at == reader.end;
        bool is_cut = reader.is_cut || text[len - 1] != '\n';
        if (is_last && is_cut && !is_whole && table->rows > rows &&
            table->rows > 1) { /* half a row says nothing true */
            table->rows--;
            table->count = table->starts[table->rows];
        }
    }
    view->preview_is_whole = view->preview_is_whole && reader.at == reader.end;
    return finish(table, view);
}
