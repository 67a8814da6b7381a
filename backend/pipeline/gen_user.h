/* The shopping history of one generated user, with the true probability of every label. A user depends on nothing but
 * the seed and its own number, so users can be made in any order, on any thread, at any scale. */
#ifndef WEIR_PIPELINE_GEN_USER_H
#define WEIR_PIPELINE_GEN_USER_H
#include "backend/pipeline/gen_catalog.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    GEN_MIN_ORDERS = 4,
    GEN_MAX_ORDERS = 100,
    GEN_MAX_KNOWN = 1199, /* products a user ever buys; a repertoire of that size stops growing */
    GEN_MAX_NEW = 90,     /* first purchases in one order */
    GEN_MAX_BASKET = GEN_MAX_KNOWN + GEN_MAX_NEW,
};

struct gen_line {
    int32_t product; /* index in the catalogue */
    bool is_reorder;
};
struct gen_order {
    int32_t first_line, lines; /* in gen_history.lines, in cart order */
    int8_t weekday, hour;
    int8_t days; /* since the order before, 30 means 30 or more; -1 for the first order */
};
struct gen_pair { /* a product bought before the last order */
    double probability;
    int32_t product;
    bool is_bought; /* the label: in the last order */
};

/* Filled by gen_user_make; about 1.1 MB, reused from user to user. */
struct gen_history {
    int order_count, line_count, pair_count;
    bool is_train; /* the last order's lines are published; else they are only the truth's labels */
    struct gen_order orders[GEN_MAX_ORDERS];
    struct gen_pair pairs[GEN_MAX_KNOWN]; /* in order of first purchase */
    struct gen_line lines[GEN_MAX_ORDERS * GEN_MAX_BASKET];
};

struct gen_model; /* the catalogue and the global profiles; immutable, shared by all threads */
struct gen_maker; /* one thread's working memory */
/* The catalogue is borrowed. NULL only without memory. */
struct gen_model *gen_model_make(const struct gen_catalog *catalog, struct err *err);
void gen_model_free(struct gen_model *model);
struct gen_maker *gen_maker_make(const struct gen_model *model, struct err *err);
void gen_maker_free(struct gen_maker *maker);

/* Number of orders of user 1.. (one draw): cheap, so that the order ids of a run can be dealt out beforehand. */
int gen_user_orders(const struct gen_model *model, uint64_t user);
/* The whole history of user 1..; the maker's own thread. */
void gen_user_make(struct gen_maker *maker, uint64_t user, struct gen_history *history);
/* The score that solves sum of logistic(c + ln odds[i]) = target, as exp(c); 0 when the target is 0. 0 < target <
 * count. Seen by tests. */
double gen_solve_intercept(const double *odds, int count, double target);
#endif
