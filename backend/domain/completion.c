/* Candidates for the place of the cursor, scored and cut to the best. See completion.h; the statement is read in
 * completion_words.c, completion_place.c and completion_scope.c. */
#include "backend/base/text.h"
#include "backend/domain/completion_private.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    SCRATCH_MAX = 64 * 1024 * 1024,
    /* how well the typed letters fit; kinds differ by less than a step */
    SCORE_WHOLE = 5000,
    SCORE_PREFIX = 4000,
    SCORE_PART = 3000,   /* at the beginning of a word behind '_' */
    SCORE_INSIDE = 2000, /* anywhere */
    SCORE_FUZZY = 1000,  /* the letters in order */
    SCORE_NONE = -1,
    KIND_STEP = 100,
    JOIN_PAIRS_MAX = 100000, /* columns of one side times the other's, compared for a join */
    AMBIGUITY_MAX = 2000     /* columns in reach up to which a name in two of them gets its relation's name */
};

struct candidate {
    const char *name, *qualifier; /* qualifier: "" none */
    const char *type, *of;        /* for the detail */
    enum completion_kind kind;
    int score;
};
struct finder {
    struct complete_context c;
    struct candidate best[COMPLETION_MAX]; /* a heap: the worst first */
    size_t count;
    bool is_cut;
    int keywords; /* offered so far: the likelier ones come first */
};

/* --- scoring --- */
static bool begins(const char *name, const char *prefix, size_t len)
{
    return strncasecmp(name, prefix, len) == 0;
}

static int score_of(const char *name, const char *prefix, size_t len)
{
    if (len == 0)
        return 0;
    if (begins(name, prefix, len))
        return name[len] ? SCORE_PREFIX : SCORE_WHOLE;
    for (const char *at = name + 1; *at; at++)
        if ((at[-1] == '_' || at[-1] == '.' || at[-1] == '-' || at[-1] == ' ') && begins(at, prefix, len))
            return SCORE_PART;
    if (len < 2)
        return SCORE_NONE;
    if (text_find(name, prefix))
        return SCORE_INSIDE;
    return text_fuzzy(name, prefix) > 0 ? SCORE_FUZZY : SCORE_NONE;
}

/* Is a worse than b? */
static bool is_worse(const struct candidate *a, const struct candidate *b)
{
    if (a->score != b->score)
        return a->score < b->score;
    int order = strcasecmp(a->name, b->name);
    return order ? order > 0 : strcasecmp(a->qualifier, b->qualifier) > 0;
}

static void sift_down(struct finder *f, size_t i)
{
    for (;;) {
        size_t worst = i, left = 2 * i + 1;
        for (size_t k = left; k < left + 2 && k < f->count; k++)
            if (is_worse(&f->best[k], &f->best[worst]))
                worst = k;
        if (worst == i)
            return;
        struct candidate swap = f->best[i];
        f->best[i] = f->best[worst];
        f->best[worst] = swap;
        i = worst;
    }
}

static void keep(struct finder *f, const struct candidate *candidate)
{
    if (f->count == COMPLETION_MAX) {
        f->is_cut = true;
        if (is_worse(candidate, &f->best[0]))
            return;
        f->best[0] = *candidate;
        sift_down(f, 0);
        return;
    }
    f->best[f->count++] = *candidate;
    for (size_t i = f->count - 1; i > 0 && is_worse(&f->best[i], &f->best[(i - 1) / 2]); i = (i - 1) / 2) {
        struct candidate swap = f->best[i];
        f->best[i] = f->best[(i - 1) / 2];
        f->best[(i - 1) / 2] = swap;
    }
}

/* Scores by the name alone, with a bonus for what is likelier here. */
static void offer(struct finder *f, struct candidate candidate, int bonus)
{
    int score = score_of(candidate.name, f->c.prefix, f->c.prefix_len);
    if (score < 0)
        return;
    candidate.score = score + bonus;
    if (!candidate.qualifier)
        candidate.qualifier = "";
    keep(f, &candidate);
}

/* --- names as they are written --- */
static bool is_upper_typed(const char *text, size_t len)
{
    bool any = false;
    for (size_t i = 0; i < len; i++) {
        if (islower((unsigned char)text[i]))
            return false;
        any = any || isupper((unsigned char)text[i]);
    }
    return any;
}

static void put_cased(struct buf *out, const char *text, int (*cased)(int))
{
    for (; *text; text++)
        buf_putc(out, cased ? (char)cased((unsigned char)*text) : *text);
}

static void put_name(const struct complete_context *c, const char *name, char quote, struct buf *out)
{
    bool must = dialect_needs_quotes(name, strlen(name));
    if (!c->is_quoted && !must) {
        put_cased(out, name, is_upper_typed(c->prefix, c->prefix_len) ? toupper : NULL);
        return;
    }
    buf_putc(out, quote);
    for (; *name; name++) {
        buf_putc(out, *name);
        if (*name == quote)
            buf_putc(out, quote);
    }
    buf_putc(out, quote);
}

/* --- candidates --- */
static void offer_columns_of(struct finder *f, const struct complete_relation *relation)
{
    int bonus = 6 * KIND_STEP - (relation->level < 3 ? relation->level : 3) * KIND_STEP / 2;
    for (size_t i = 0; relation->table && i < relation->table->column_count; i++) {
        const struct catalog_column *column = &relation->table->columns[i];
        offer(f,
              (struct candidate){
                  .name = column->name, .type = column->type, .of = relation->name, .kind = COMPLETION_COLUMN},
              bonus);
    }
    for (size_t i = 0; !relation->table && i < relation->column_count; i++)
        offer(f,
              (struct candidate){.name = relation->columns[i].name,
                                 .type = relation->columns[i].type,
                                 .of = relation->name,
                                 .kind = COMPLETION_COLUMN},
              bonus);
}

static void offer_columns(struct finder *f)
{
    for (int i = 0; i < f->c.relation_count; i++)
        offer_columns_of(f, &f->c.relations[i]);
}

static void offer_relations(struct finder *f)
{
    for (int i = 0; i < f->c.relation_count; i++)
        if (*f->c.relations[i].name)
            offer(f,
                  (struct candidate){.name = f->c.relations[i].name,
                                     .type = "",
                                     .of = f->c.relations[i].table ? f->c.relations[i].table->name : "",
                                     .kind = COMPLETION_RELATION},
                  4 * KIND_STEP);
}

static void offer_outputs(struct finder *f)
{
    struct complete_column *columns;
    size_t count = complete_outputs(&f->c, &columns);
    for (size_t i = 0; i < count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < f->count && !is_known; k++)
            is_known = strcasecmp(f->best[k].name, columns[i].name) == 0 && f->best[k].kind == COMPLETION_COLUMN;
        if (!is_known)
            offer(f,
                  (struct candidate){
                      .name = columns[i].name, .type = columns[i].type, .of = "", .kind = COMPLETION_COLUMN},
                  7 * KIND_STEP);
    }
}

/* The columns of a relation, whichever kind it is. */
static size_t column_count(const struct complete_relation *relation)
{
    return relation->table ? relation->table->column_count : relation->column_count;
}

static struct complete_column column_at(const struct complete_relation *relation, size_t i)
{
    if (!relation->table)
        return relation->columns[i];
    return (struct complete_column){.name = relation->table->columns[i].name, .type = relation->table->columns[i].type};
}

/* "a.id = b.id" between the relation that has just been joined and those before it. */
static void offer_join(struct finder *f, const struct complete_relation *left, const struct complete_relation *right)
{
    size_t total = column_count(left) * column_count(right);
    for (size_t i = 0; total <= JOIN_PAIRS_MAX && i < column_count(left); i++)
        for (size_t k = 0; k < column_count(right); k++) {
            const char *name = column_at(left, i).name;
            if (strcasecmp(name, column_at(right, k).name) != 0)
                continue;
            struct buf text = BUF_INIT(4096);
            put_name(&f->c, left->name, '"', &text);
            buf_putc(&text, '.');
            put_name(&f->c, name, '"', &text);
            buf_puts(&text, " = ");
            put_name(&f->c, right->name, '"', &text);
            buf_putc(&text, '.');
            put_name(&f->c, name, '"', &text);
            size_t len = strlen(name);
            bool is_id = len >= 2 && strcasecmp(name + len - 2, "id") == 0;
            const char *label = text.failed ? NULL : arena_strdup(f->c.arena, buf_text(&text));
            if (label)
                offer(f,
                      (struct candidate){
                          .name = label, .type = column_at(left, i).type, .of = "", .kind = COMPLETION_JOIN},
                      (is_id ? 9 : 8) * KIND_STEP);
            buf_done(&text);
        }
}

static void offer_joins(struct finder *f)
{
    const struct complete_relation *right = NULL;
    for (int i = 0; i < f->c.relation_count; i++) {
        const struct complete_relation *relation = &f->c.relations[i];
        if (relation->level == 0 && relation->word < f->c.at && (!right || relation->word > right->word))
            right = relation;
    }
    for (int i = 0; right && *right->name && i < f->c.relation_count; i++) {
        const struct complete_relation *left = &f->c.relations[i];
        if (left->level == 0 && left->word < right->word && *left->name)
            offer_join(f, left, right);
    }
}

/* Fields of struct<a:int,b:array<int>> or row(a int): those of the type itself, not of types within it. */
static void offer_fields(struct finder *f, const char *type)
{
    bool is_hive = strncasecmp(type, "struct<", 7) == 0;
    if (!is_hive && strncasecmp(type, "row(", 4) != 0)
        return;
    for (const char *at = type + (is_hive ? 7 : 4); *at && *at != '>' && *at != ')';) {
        size_t len = strcspn(at, is_hive ? ":,>" : " ,)"), end = len;
        for (int depth = 0; at[end] && (depth > 0 || !strchr(",>)", at[end])); end++)
            depth += (at[end] == '<' || at[end] == '(') - (at[end] == '>' || at[end] == ')');
        const char *name = arena_strndup(f->c.arena, at, len);
        const char *inner = end > len ? arena_strndup(f->c.arena, at + len + 1, end - len - 1) : "";
        if (len > 0 && name && inner)
            offer(f, (struct candidate){.name = name, .type = inner, .of = "", .kind = COMPLETION_FIELD},
                  6 * KIND_STEP);
        at += end + (at[end] == ',');
        at += strspn(at, " ");
    }
}

/* The type of a column in reach; "" unknown. */
static const char *type_in_reach(const struct finder *f, const char *relation, const char *column)
{
    for (int i = 0; i < f->c.relation_count; i++) {
        const struct complete_relation *r = &f->c.relations[i];
        if (relation && strcasecmp(relation, r->name) != 0)
            continue;
        for (size_t k = 0; k < column_count(r); k++)
            if (strcasecmp(column_at(r, k).name, column) == 0)
                return column_at(r, k).type;
    }
    return "";
}

static void offer_functions(struct finder *f)
{
    for (const char *const *name = dialect_functions(); *name; name++) {
        int score = score_of(*name, f->c.prefix, f->c.prefix_len);
        if (score >= SCORE_PART || f->c.prefix_len == 0) /* anywhere would be noise */
            offer(f, (struct candidate){.name = *name, .type = "", .of = "", .kind = COMPLETION_FUNCTION},
                  2 * KIND_STEP);
    }
}

static void offer_keyword(void *context, const char *keyword)
{
    struct finder *f = context;
    if (f->c.is_quoted || f->c.qualifier_count || !begins(keyword, f->c.prefix, f->c.prefix_len))
        return;
    for (size_t i = 0; i < f->count; i++)
        if (f->best[i].kind == COMPLETION_KEYWORD && strcasecmp(f->best[i].name, keyword) == 0)
            return;
    int rank = f->keywords < KIND_STEP ? f->keywords++ : KIND_STEP;
    offer(f, (struct candidate){.name = keyword, .type = "", .of = "", .kind = COMPLETION_KEYWORD}, KIND_STEP - rank);
}

static void offer_databases(struct finder *f, int bonus)
{
    const struct catalog_view *view = f->c.request->view;
    for (size_t i = 0; view && i < view->database_count; i++)
        offer(f,
              (struct candidate){.name = view->databases[i].name,
                                 .type = "",
                                 .of = view->databases[i].description,
                                 .kind = COMPLETION_DATABASE},
              bonus);
}

static enum completion_kind kind_of(const struct catalog_table *table)
{
    return strcmp(table->kind, "VIRTUAL_VIEW") == 0 ? COMPLETION_VIEW : COMPLETION_TABLE;
}

/* Tables of the database, by bare name; of all others as database.table when something is typed. */
static void offer_tables(struct finder *f, const char *database, bool only_there)
{
    const struct catalog_view *view = f->c.request->view;
    for (size_t i = 0; view && i < view->table_count; i++) {
        const struct catalog_table *table = &view->tables[i];
        bool is_there = strcasecmp(table->database, database) == 0;
        struct candidate candidate = {.name = table->name,
                                      .type = table->format,
                                      .of = table->database,
                                      .kind = kind_of(table),
                                      .qualifier = is_there ? "" : table->database};
        if (is_there)
            offer(f, candidate, 5 * KIND_STEP);
        else if (!only_there && f->c.prefix_len > 0)
            offer(f, candidate, 3 * KIND_STEP);
    }
}

static void offer_ctes(struct finder *f)
{
    for (int i = 0; i < f->c.cte_count; i++)
        offer(f, (struct candidate){.name = f->c.ctes[i].name, .type = "", .of = "", .kind = COMPLETION_RELATION},
              6 * KIND_STEP);
}

static const char *default_database(const struct finder *f)
{
    return f->c.request->database ? f->c.request->database : "";
}

/* Behind "a." or "a.b.": columns of a relation or table, or tables of a database. */
static void offer_qualified(struct finder *f)
{
    struct complete_context *c = &f->c;
    const char *first = c->qualifiers[0], *last = c->qualifiers[c->qualifier_count - 1];
    if (strcasecmp(first, "awsdatacatalog") == 0 && c->qualifier_count == 1) {
        offer_databases(f, 4 * KIND_STEP);
        return;
    }
    bool wants_table = (c->places & (PLACE_TABLE | PLACE_DATABASE | PLACE_ANY)) != 0, any = false;
    for (int i = 0; i < c->relation_count && !wants_table; i++) {
        const struct complete_relation *relation = &c->relations[i];
        bool is_it = strcasecmp(relation->name, last) == 0 &&
                     (c->qualifier_count == 1 || strcasecmp(relation->database, first) == 0);
        if (is_it && !any)
            offer_columns_of(f, relation);
        any = any || is_it;
    }
    if (!any && !wants_table)
        offer_fields(f, type_in_reach(f, c->qualifier_count == 2 ? first : NULL, last));
    if (any || f->count)
        return;
    bool is_catalog = c->qualifier_count == 2 && strcasecmp(first, "awsdatacatalog") == 0;
    if (c->qualifier_count == 1 || is_catalog)
        offer_tables(f, last, true);
    const struct catalog_table *table =
        complete_find_table(c, c->qualifier_count == 2 ? first : default_database(f), last);
    struct complete_relation relation = {.name = last, .table = table};
    if (table && !wants_table)
        offer_columns_of(f, &relation);
}

static void offer_all(struct finder *f)
{
    struct complete_context *c = &f->c;
    if (c->qualifier_count) {
        offer_qualified(f);
        return;
    }
    complete_keywords(c, c->places, offer_keyword, f);
    if (complete_only_goes_on(c))
        return;
    if (c->places & (PLACE_OPERAND | PLACE_COLUMNS))
        offer_columns(f);
    if (c->places & PLACE_OPERAND) {
        offer_relations(f);
        if (!c->is_quoted)
            offer_functions(f);
    }
    if (c->places & PLACE_JOIN && !c->is_quoted)
        offer_joins(f);
    if (c->places & PLACE_OUTPUT)
        offer_outputs(f);
    if (c->places & (PLACE_TABLE | PLACE_DATABASE))
        offer_databases(f, 2 * KIND_STEP);
    if (c->places & PLACE_TABLE) {
        offer_tables(f, default_database(f), false);
        offer_ctes(f);
    }
    if (f->count == 0 && c->prefix_len >= 2) /* better any keyword than none */
        complete_keywords(c, PLACE_ANY, offer_keyword, f);
}

/* --- labels --- */
/* Keywords are lower when what is typed of this one is, or, when nothing is, the statement's other ones are. */
static bool keywords_are_lower(const struct complete_context *c)
{
    for (size_t i = 0; i < c->prefix_len; i++)
        if (isalpha((unsigned char)c->prefix[i]))
            return islower((unsigned char)c->prefix[i]) != 0;
    for (int i = 0; i < c->count; i++)
        if (c->words[i].kind == TOKEN_KEYWORD)
            return islower((unsigned char)c->words[i].text[0]) != 0;
    return false;
}

/* Hive's DDL takes back-ticks, queries double quotes. */
static char quote_of(const struct complete_context *c)
{
    static const char *const ddl[] = {"CREATE", "ALTER", "DROP", "DESCRIBE", "DESC", "SHOW", "MSCK", NULL};
    if (c->is_quoted)
        return c->request->text[c->request->cursor - c->prefix_len - 1] == '`' ? '`' : '"';
    bool is_query = false;
    for (int i = 0; i < c->at && !is_query; i++)
        is_query = complete_is(c, i, "SELECT");
    return complete_is_any(c, 0, ddl) && !is_query ? '`' : '"';
}

static void put_label(const struct finder *f, const struct candidate *candidate, struct buf *out)
{
    const struct complete_context *c = &f->c;
    char quote = quote_of(c);
    if (candidate->kind == COMPLETION_KEYWORD) {
        put_cased(out, candidate->name, keywords_are_lower(c) ? tolower : toupper);
    } else if (candidate->kind == COMPLETION_JOIN) {
        buf_puts(out, candidate->name);
    } else if (candidate->kind == COMPLETION_FUNCTION) {
        put_cased(out, candidate->name, is_upper_typed(c->prefix, c->prefix_len) ? toupper : NULL);
    } else {
        if (*candidate->qualifier) {
            put_name(c, candidate->qualifier, quote, out);
            buf_putc(out, '.');
        }
        put_name(c, candidate->name, quote, out);
    }
}

static void put_detail(const struct candidate *candidate, struct buf *out)
{
    char signature[160];
    if (candidate->kind == COMPLETION_FUNCTION) {
        buf_puts(out, dialect_signature(candidate->name, signature, sizeof signature));
        return;
    }
    buf_puts(out, candidate->type);
    if (*candidate->of && *candidate->type)
        buf_puts(out, candidate->kind == COMPLETION_COLUMN ? "  " : " in ");
    buf_puts(out, candidate->of);
}

/* A column name that several relations in reach have is ambiguous without its relation. */
static void qualify_ambiguous(struct finder *f)
{
    size_t total = 0;
    for (int i = 0; i < f->c.relation_count; i++)
        total += f->c.relations[i].table ? f->c.relations[i].table->column_count : f->c.relations[i].column_count;
    if (f->c.relation_count < 2 || total > AMBIGUITY_MAX || f->c.qualifier_count || (f->c.places & PLACE_COLUMNS))
        return;
    for (size_t i = 0; i < f->count; i++)
        for (size_t k = 0; k < f->count; k++)
            if (i != k && f->best[i].kind == COMPLETION_COLUMN && f->best[k].kind == COMPLETION_COLUMN &&
                *f->best[i].of && *f->best[k].of && strcasecmp(f->best[i].name, f->best[k].name) == 0 &&
                strcmp(f->best[i].of, f->best[k].of) != 0)
                f->best[i].qualifier = f->best[i].of;
}

static int better_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return is_worse(x, y) ? 1 : is_worse(y, x) ? -1 : 0;
}

static void write_items(struct finder *f, struct completion *out)
{
    struct buf text = BUF_INIT(64 * 1024);
    qualify_ambiguous(f);
    qsort(f->best, f->count, sizeof *f->best, better_first);
    for (size_t i = 0; i < f->count; i++) {
        buf_clear(&text);
        put_label(f, &f->best[i], &text);
        const char *label = text.failed ? NULL : arena_strdup(out->arena, buf_text(&text));
        buf_clear(&text);
        put_detail(&f->best[i], &text);
        const char *detail = text.failed ? "" : arena_strdup(out->arena, buf_text(&text));
        if (label && detail)
            out->items[out->count++] = (struct completion_item){
                .label = label, .detail = detail, .kind = f->best[i].kind, .score = f->best[i].score};
    }
    out->is_cut = f->is_cut || out->count < f->count;
    buf_done(&text);
}

void completion_find(const struct completion_request *request, struct completion *out)
{
    out->count = 0;
    out->is_cut = false;
    out->start = out->end = request->cursor;
    out->arena = arena_new(COMPLETION_TEXT_MAX);
    struct arena *scratch = arena_new(SCRATCH_MAX);
    struct finder *f = ARENA_NEW(scratch, struct finder);
    if (f) {
        f->c.request = request;
        f->c.arena = scratch;
        if (complete_read_words(&f->c, out)) {
            complete_find_place(&f->c);
            complete_find_relations(&f->c);
            offer_all(f);
            write_items(f, out);
        }
    }
    arena_free(scratch);
}

void completion_done(struct completion *out)
{
    arena_free(out->arena);
    out->arena = NULL;
    out->count = 0;
}

const char *completion_kind_word(enum completion_kind kind)
{
    static const char *const words[COMPLETION_KINDS] = {
        [COMPLETION_COLUMN] = "column",   [COMPLETION_RELATION] = "relation", [COMPLETION_TABLE] = "table",
        [COMPLETION_VIEW] = "view",       [COMPLETION_DATABASE] = "database", [COMPLETION_FUNCTION] = "function",
        [COMPLETION_KEYWORD] = "keyword", [COMPLETION_FIELD] = "field",       [COMPLETION_JOIN] = "join"};
    return words[kind];
}
