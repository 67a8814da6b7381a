/* A crawler's custom classifiers as rules for reading CSV. On the crawl's own thread. Source: AWS Glue API Reference,
 * CsvClassifier. */
#include "backend/local/glue.h"
#include "backend/local/glue_crawl.h"
#include <string.h>

static const char *const *copy_names(struct arena *arena, const json_t *list)
{
    size_t count = json_array_size(list), i;
    const char **names = count ? ARENA_ARRAY(arena, const char *, count + 1) : NULL;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        if (names)
            names[i] = arena_strdup(arena, json_is_string(entry) ? json_string_value(entry) : "");
    }
    return names;
}

static struct glue_csv_rules rules_of(struct arena *arena, const json_t *classifier)
{
    const char *header = json_str(classifier, "ContainsHeader"), *serde = json_str(classifier, "Serde");
    return (struct glue_csv_rules){
        .delimiter = *json_str(classifier, "Delimiter"),
        .quote = *json_str(classifier, "QuoteSymbol"),
        .has_header = strcmp(header, "PRESENT") == 0,
        .has_no_header = strcmp(header, "ABSENT") == 0,
        .allows_one_column = json_bool(classifier, "AllowSingleColumn", false),
        .is_quoted = strcmp(serde, "OpenCSVSerDe") == 0,
        .is_plain = strcmp(serde, "LazySimpleSerDe") == 0,
        .columns = copy_names(arena, json_object_get(classifier, "Header")),
    };
}

bool glue_crawl_rules(struct crawl *crawl, struct err *err)
{
    const json_t *names = json_object_get(crawl->crawler, "Classifiers");
    struct glue_csv_rules *rules = ARENA_ARRAY(crawl->arena, struct glue_csv_rules, json_array_size(names) + 1);
    json_t *name;
    size_t i;
    if (!rules)
        return err_set(err, ERR_TOO_LARGE, "the crawler has too many classifiers");
    json_array_foreach(names, i, name)
    {
        struct err gone = ERR_NONE;
        json_t *document =
            glue_classifier_get(crawl->cloud, json_is_string(name) ? json_string_value(name) : "", &gone);
        const json_t *csv = json_object_get(document, "CsvClassifier");
        if (csv)
            rules[crawl->rule_count++] = rules_of(crawl->arena, csv);
        json_decref(document);
    }
    crawl->rules = rules;
    return true;
}
