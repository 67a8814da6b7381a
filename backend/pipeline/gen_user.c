/* The planted model: every product a user knows enters the next basket by an independent draw, with a probability made
 * of that product's history and a few hidden traits, so the truth of every label is known. Written as one user at a
 * time with no shared state. The constants are the final fit of the marginals to the public market-basket set (the
 * table is in tests/unit/gen_marginals_test.c; earlier sets of constants do not reproduce it); the order of the draws
 * is the data format: changing either changes every data set. Runs on worker threads, one gen_maker each. */
#include "backend/pipeline/gen_user.h"
#include "backend/pipeline/gen_random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTS = GEN_MAX_ORDERS - GEN_MIN_ORDERS + 1, GAPS = 60, LONG_GAP = 30, HOURS = 24, WEEKDAYS = 7, TRIPS = 3 };

/* Relative frequencies over the public set's orders; only ratios matter. */
static const double weekday_weights[WEEKDAYS] = {600905, 587478, 467260, 436972, 426339, 453368, 448761};
static const double hour_weights[HOURS] = {22758,  12398,  7539,   5474,   5527,   9569,   30529,  91868,
                                           178201, 257812, 288418, 284728, 272841, 277999, 283042, 283639,
                                           272553, 228795, 182912, 140569, 104292, 78109,  61468,  40043};
/* Kinds of shopping trip: top-up, ordinary, big; the mixture makes labels of one order move together. */
static const double trip_weights[TRIPS] = {.30, .45, .25};
static const double trip_sizes[TRIPS] = {.42, 1.0, 1.62};

struct gen_model {
    const struct gen_catalog *catalog;
    double orders_cdf[COUNTS];
    double weekday_share[WEEKDAYS], weekday_cdf[WEEKDAYS];
    double hour_cdf[HOURS];
    double log_of[GEN_MAX_ORDERS + 1];
};

/* A product the user has bought. */
struct known {
    int32_t product;
    int32_t bought, last_order, streak; /* times; order number; consecutive orders up to last_order */
    double first_day, last_day;
    double base; /* theta + eta: what does not change with history */
};
struct pick {
    int32_t known;
    bool is_reorder;
    double key; /* cart order, descending */
};

struct gen_maker {
    const struct gen_model *model;
    struct gen_random random;
    /* traits of the present user */
    int orders;
    double size, reorder_ceiling, habit_lag, gap_scale;
    double taste_cdf[GEN_DEPARTMENTS];
    int preferred_hour;
    double gap_weight[GAPS];
    /* where in the history it is */
    int weekday, order;
    double day;
    int known_count, pick_count;
    struct known known[GEN_MAX_KNOWN];
    double score[GEN_MAX_KNOWN], odds[GEN_MAX_KNOWN]; /* v and exp(v) of this order */
    struct pick picks[GEN_MAX_BASKET];
};

/* The present order's conditions. */
struct trip {
    int gap;                   /* days, not cut at 30; -1 for the first order */
    int kind;                  /* 0..TRIPS-1 */
    double gap_factor, repeat; /* size factor; share of the basket that is repeats */
    double intercept[TRIPS];   /* exp(c); only [kind] unless this is the last order */
};

static void cumulate(const double *weights, int count, double *share, double *cdf)
{
    double total = 0, sum = 0;
    for (int i = 0; i < count; i++)
        total += weights[i];
    for (int i = 0; i < count; i++) {
        share[i] = weights[i] / total;
        cdf[i] = sum += share[i];
    }
}

struct gen_model *gen_model_make(const struct gen_catalog *catalog, struct err *err)
{
    struct gen_model *model = calloc(1, sizeof *model);
    if (!model) {
        err_set(err, ERR_FAILED, "no memory for the generator's tables");
        return NULL;
    }
    model->catalog = catalog;
    double hour_share[HOURS], survive = 1, sum = 0;
    cumulate(weekday_weights, WEEKDAYS, model->weekday_share, model->weekday_cdf);
    cumulate(hour_weights, HOURS, hour_share, model->hour_cdf);
    for (int j = 0; j < COUNTS; j++) { /* hazard of stopping after 4 + j orders; whoever is left has 100 */
        double hazard = 1.9 / (16.4 + j) + (j >= 46 ? 0.025 : 0);
        sum += j == COUNTS - 1 ? survive : hazard * survive;
        survive *= 1 - hazard;
        model->orders_cdf[j] = sum;
    }
    for (int i = 1; i <= GEN_MAX_ORDERS; i++)
        model->log_of[i] = log(i);
    return model;
}

void gen_model_free(struct gen_model *model)
{
    free(model);
}

struct gen_maker *gen_maker_make(const struct gen_model *model, struct err *err)
{
    struct gen_maker *maker = calloc(1, sizeof *maker);
    if (!maker) {
        err_set(err, ERR_FAILED, "no memory for a worker of the generator");
        return NULL;
    }
    maker->model = model;
    return maker;
}

void gen_maker_free(struct gen_maker *maker)
{
    free(maker);
}

static int draw_orders(const struct gen_model *model, struct gen_random *random)
{
    return GEN_MIN_ORDERS + gen_pick(model->orders_cdf, COUNTS, gen_uniform(random));
}

int gen_user_orders(const struct gen_model *model, uint64_t user)
{
    struct gen_random random = gen_random_of(model->catalog->seed, GEN_STREAM_USER, user);
    return draw_orders(model, &random);
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* Weight of each gap in days before the weekday has its say: a gamma shape with peaks at whole weeks and a long tail.
 */
static void weigh_gaps(double scale, double weight[GAPS])
{
    double total = 0;
    for (int g = 0; g < GAPS; g++) {
        double x = (g + 0.5) / scale, factor = 1;
        if (g == 7)
            factor = 2.3;
        else if (g == 6 || g == 8)
            factor = 1.455;
        else if (g > 0 && g % 7 == 0)
            factor = 1.91;
        else if (g < 2)
            factor = g == 0 ? 0.30 : 0.75;
        weight[g] = exp(0.35 * log(x) - 1.35 * x) * factor;
        total += weight[g];
    }
    for (int g = LONG_GAP; g < GAPS; g++)
        weight[g] += 0.05 * total / (GAPS - LONG_GAP);
}

/* Draws: order count, size, ceiling, lag, gap scale, 21 tastes, preferred hour, first weekday. */
static void draw_traits(struct gen_maker *maker)
{
    const struct gen_model *model = maker->model;
    struct gen_random *random = &maker->random;
    int n = maker->orders = draw_orders(model, random);
    double l = log(n / 10.0);
    maker->size = exp(2.225 + 0.44 * gen_normal(random) + 0.02 * l);
    maker->reorder_ceiling = logistic(1.45 + 1.5 * gen_normal(random) + 0.6 * l);
    maker->habit_lag = 1.85 * exp(0.5 * gen_normal(random));
    maker->gap_scale = exp(5.22 - 0.86 * log(n + 2.0) + 0.25 * gen_normal(random));
    maker->gap_scale = fmin(fmin(maker->gap_scale, 23.5), 380.0 / (n - 1)); /* all within about a year */
    double taste[GEN_DEPARTMENTS], share[GEN_DEPARTMENTS];
    for (int d = 0; d < GEN_DEPARTMENTS; d++)
        taste[d] = model->catalog->first_weight[d] * exp(0.9 * gen_normal(random));
    cumulate(taste, GEN_DEPARTMENTS, share, maker->taste_cdf);
    maker->preferred_hour = gen_pick(model->hour_cdf, HOURS, gen_uniform(random));
    maker->weekday = gen_pick(model->weekday_cdf, WEEKDAYS, gen_uniform(random));
    weigh_gaps(maker->gap_scale, maker->gap_weight);
}

/* Days since the order before; moves the day and the weekday on. */
static int draw_gap(struct gen_maker *maker)
{
    double cdf[GAPS], sum = 0;
    for (int g = 0; g < GAPS; g++)
        cdf[g] = sum += maker->gap_weight[g] * maker->model->weekday_share[(maker->weekday + g) % WEEKDAYS];
    int gap = gen_pick(cdf, GAPS, gen_uniform(&maker->random) * sum);
    maker->day += gap;
    maker->weekday = (maker->weekday + gap) % WEEKDAYS;
    return gap;
}

/* Half of the orders come at the user's hour, half at anybody's: the marginal stays the profile. */
static int draw_hour(struct gen_maker *maker)
{
    if (gen_uniform(&maker->random) < 0.5)
        return gen_pick(maker->model->hour_cdf, HOURS, gen_uniform(&maker->random));
    return maker->preferred_hour;
}

static double size_by_gap(int gap)
{
    if (gap < 0 || gap > 8)
        return 1;
    return gap <= 2 ? 0.80 : gap <= 5 ? 0.97 : 1.15;
}

/* The score of each known product, log odds up to the intercept. */
static void score_known(struct gen_maker *maker)
{
    const double *log_of = maker->model->log_of;
    for (int i = 0; i < maker->known_count; i++) {
        const struct known *known = &maker->known[i];
        int since = maker->order - known->last_order;
        double v = known->base + 0.72 * log_of[known->bought] - 0.72 * log_of[since];
        if (since == 1 && known->streak >= 2)
            v += 0.35 * log_of[known->streak];
        double cycle = maker->model->catalog->cycle[known->product];
        if (known->bought >= 3) /* the user's own pace */
            cycle = (known->last_day - known->first_day) / (known->bought - 1.0);
        double due = (maker->day - known->last_day + 0.5) / fmax(1, cycle);
        v += 1.6 * (1 - exp(-2 * due * due));
        maker->score[i] = v;
        maker->odds[i] = exp(v);
    }
}

static inline double from_odds(double odds)
{
    return odds / (1 + odds);
}

/* Newton on ln(sum) over c, kept inside a bracket of c in [-25, 25] that every evaluation tightens; ln(sum) is close to
 * a straight line in c, so three or four steps reach the last digits. */
double gen_solve_intercept(const double *odds, int count, double target)
{
    if (count == 0 || target <= 1e-9)
        return 0;
    double low = exp(-25), high = exp(25), total = 0;
    for (int i = 0; i < count; i++)
        total += odds[i];
    double factor = fmin(fmax(target / total, low), high); /* from below, exact for small probabilities */
    for (int step = 0; step < 80; step++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < count; i++) {
            double p = from_odds(factor * odds[i]);
            sum += p;
            squares += p * p;
        }
        if (sum < target)
            low = factor;
        else
            high = factor;
        double move = log(target / sum) * sum / (sum - squares);
        double next = factor * exp(move);
        if (!(next > low && next < high)) {
            if (fabs(move) < 1e-12)
                return factor;
            next = sqrt(low) * sqrt(high);
        }
        if (fabs(next - factor) <= 1e-13 * factor)
            return next;
        factor = next;
    }
    return factor;
}

/* Solves the intercepts that are needed: of the drawn kind, and of all kinds when the truth is due. */
static void solve_trip(const struct gen_maker *maker, struct trip *trip)
{
    for (int kind = 0; kind < TRIPS; kind++) {
        trip->intercept[kind] = 0;
        if (maker->order < maker->orders && kind != trip->kind)
            continue;
        double target = maker->size * trip->gap_factor * trip_sizes[kind] * trip->repeat;
        target = fmin(target, 0.85 * maker->known_count);
        trip->intercept[kind] = gen_solve_intercept(maker->odds, maker->known_count, target);
    }
}

static void emit_truth(const struct gen_maker *maker, const struct trip *trip, struct gen_history *history)
{
    for (int i = 0; i < maker->known_count; i++) {
        double p = 0;
        for (int kind = 0; kind < TRIPS; kind++)
            p += trip_weights[kind] * from_odds(trip->intercept[kind] * maker->odds[i]);
        history->pairs[i] = (struct gen_pair){.probability = p, .product = maker->known[i].product};
    }
    history->pair_count = maker->known_count;
}

static void add_pick(struct gen_maker *maker, int known, bool is_reorder, double score)
{
    maker->picks[maker->pick_count++] =
        (struct pick){.known = known, .is_reorder = is_reorder, .key = 0.32 * score + gen_gumbel(&maker->random)};
}

/* Repeats, in order of first purchase. Returns how many were to be expected. */
static double draw_repeats(struct gen_maker *maker, const struct trip *trip)
{
    double expected = 0;
    for (int i = 0; i < maker->known_count; i++) {
        double p = from_odds(trip->intercept[trip->kind] * maker->odds[i]);
        expected += p;
        if (gen_uniform(&maker->random) < p)
            add_pick(maker, i, true, maker->score[i]);
    }
    return expected;
}

static bool knows(const struct gen_maker *maker, int product)
{
    for (int i = 0; i < maker->known_count; i++)
        if (maker->known[i].product == product)
            return true;
    return false;
}

/* A product the user does not know yet, -1 when 30 draws only found known ones. */
static int draw_unknown(struct gen_maker *maker)
{
    for (int attempt = 0; attempt < 30; attempt++) {
        int department = gen_pick(maker->taste_cdf, GEN_DEPARTMENTS, gen_uniform(&maker->random));
        int product = gen_catalog_pick(maker->model->catalog, department, gen_uniform(&maker->random));
        if (!knows(maker, product))
            return product;
    }
    return -1;
}

static void draw_new(struct gen_maker *maker, const struct trip *trip, double repeats)
{
    double lambda = fmax(0.05, maker->size * trip->gap_factor * trip_sizes[trip->kind] - repeats);
    lambda *= gen_gamma_mean1(&maker->random, 6);
    int count = gen_poisson(&maker->random, lambda);
    count = count < GEN_MAX_NEW ? count : GEN_MAX_NEW;
    if (count + maker->pick_count == 0)
        count = 1;
    for (int i = 0; i < count; i++) {
        int product = draw_unknown(maker);
        if (product < 0 || maker->known_count == GEN_MAX_KNOWN)
            continue;
        double eta = 0.4 * gen_normal(&maker->random);
        maker->known[maker->known_count] = (struct known){
            .product = product, .first_day = maker->day, .base = maker->model->catalog->theta[product] + eta};
        add_pick(maker, maker->known_count++, false, -1.2);
    }
}

/* Insertion sort: baskets are short. */
static void sort_cart(struct gen_maker *maker)
{
    for (int i = 1; i < maker->pick_count; i++) {
        struct pick pick = maker->picks[i];
        int j = i;
        for (; j > 0 && maker->picks[j - 1].key < pick.key; j--)
            maker->picks[j] = maker->picks[j - 1];
        maker->picks[j] = pick;
    }
}

static void emit_lines(struct gen_maker *maker, struct gen_history *history)
{
    for (int i = 0; i < maker->pick_count; i++) {
        const struct pick *pick = &maker->picks[i];
        struct known *known = &maker->known[pick->known];
        history->lines[history->line_count++] =
            (struct gen_line){.product = known->product, .is_reorder = pick->is_reorder};
        if (pick->is_reorder && maker->order == maker->orders)
            history->pairs[pick->known].is_bought = true;
        known->streak = known->last_order == maker->order - 1 ? known->streak + 1 : 1;
        known->bought++;
        known->last_order = maker->order;
        known->last_day = maker->day;
    }
}

/* Draws: gap (not for the first), hour, kind of trip, one per known product (and one more for a bought one), then the
 * new products. */
static void make_order(struct gen_maker *maker, struct gen_history *history)
{
    struct trip trip = {.gap = maker->order > 1 ? draw_gap(maker) : -1};
    int hour = draw_hour(maker);
    trip.gap_factor = size_by_gap(trip.gap);
    trip.repeat = maker->reorder_ceiling * (maker->order - 1) / (maker->order - 1 + maker->habit_lag);
    if (trip.gap >= LONG_GAP)
        trip.repeat *= 0.92;
    score_known(maker);
    double x = gen_uniform(&maker->random);
    trip.kind = x < trip_weights[0] ? 0 : x < trip_weights[0] + trip_weights[1] ? 1 : 2;
    solve_trip(maker, &trip);
    if (maker->order == maker->orders)
        emit_truth(maker, &trip, history);
    maker->pick_count = 0;
    draw_new(maker, &trip, draw_repeats(maker, &trip));
    sort_cart(maker);
    history->orders[maker->order - 1] = (struct gen_order){.first_line = history->line_count,
                                                           .lines = maker->pick_count,
                                                           .weekday = (int8_t)maker->weekday,
                                                           .hour = (int8_t)hour,
                                                           .days = (int8_t)(trip.gap < LONG_GAP ? trip.gap : LONG_GAP)};
    emit_lines(maker, history);
}

/* Part of users whose last order is a training example: 131 209 of 206 209 in the public set. */
static bool is_train_user(uint64_t seed, uint64_t user)
{
    struct gen_random random = gen_random_of(seed, GEN_STREAM_SPLIT, user);
    return gen_uniform(&random) < 0.6363;
}

void gen_user_make(struct gen_maker *maker, uint64_t user, struct gen_history *history)
{
    uint64_t seed = maker->model->catalog->seed;
    maker->random = gen_random_of(seed, GEN_STREAM_USER, user);
    maker->known_count = 0;
    maker->day = 0;
    draw_traits(maker);
    history->order_count = maker->orders;
    history->line_count = history->pair_count = 0;
    history->is_train = is_train_user(seed, user);
    for (maker->order = 1; maker->order <= maker->orders; maker->order++)
        make_order(maker, history);
}
