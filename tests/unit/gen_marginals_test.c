/* The generated data looks as it was designed: 2 000 users of seed 42 against the means that the prototype of the model
 * showed at 10 000 users over three seeds, each with a tolerance for this scale. */
#include "backend/pipeline/gen_user.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

enum { USERS = 2000, MOST_LINES = 128, GAPS = 31 };

/* Sum and count of something that is averaged. */
struct mean {
    double sum, count;
};
/* A whole-number law: for medians, shares and standard deviations. */
struct law {
    long counts[512];
};
struct facts {
    struct law orders, baskets, gaps, weekdays, hours;
    struct mean reordered_prior, reordered_label, none_reordered, bought_once, positive;
    struct mean reordered_by_number[GEN_MAX_ORDERS + 1], reordered_by_position[MOST_LINES], gap_by_number[101],
        basket_by_gap[GAPS], reordered_by_gap[GAPS];
    double pairs, prior_lines;
    double truth_sum, label_sum, cluster_variance; /* of label - truth, by user */
    double lines_of[GEN_PRODUCTS];                 /* prior */
};
static struct facts facts;

static void add(struct mean *mean, double value)
{
    mean->sum += value;
    mean->count++;
}

static double value_of(const struct mean *mean, int first, int last)
{
    struct mean all = {0};
    for (int i = first; i <= last; i++) {
        all.sum += mean[i].sum;
        all.count += mean[i].count;
    }
    return all.sum / all.count;
}

static double total(const struct law *law)
{
    double sum = 0;
    for (int i = 0; i < 512; i++)
        sum += (double)law->counts[i];
    return sum;
}

static double moment(const struct law *law, int power)
{
    double sum = 0;
    for (int i = 0; i < 512; i++)
        sum += pow(i, power) * (double)law->counts[i];
    return sum / total(law);
}

static double median(const struct law *law)
{
    double half = total(law) / 2, sum = 0;
    for (int i = 0; i < 512; i++)
        if ((sum += (double)law->counts[i]) >= half)
            return i;
    return NAN;
}

static double share(const struct law *law, int first, int last)
{
    double sum = 0;
    for (int i = first; i <= last; i++)
        sum += (double)law->counts[i];
    return sum / total(law);
}

/* Lines of one order, by everything that the table asks for. Returns the number reordered. */
static int count_lines(const struct gen_history *history, int number, const struct gen_order *order)
{
    bool is_last = number == history->order_count;
    int reordered = 0;
    for (int i = 0; i < order->lines; i++) {
        const struct gen_line *line = &history->lines[order->first_line + i];
        reordered += line->is_reorder;
        add(is_last ? &facts.reordered_label : &facts.reordered_prior, line->is_reorder);
        add(&facts.reordered_by_number[number], line->is_reorder);
        if (i < MOST_LINES)
            add(&facts.reordered_by_position[i], line->is_reorder);
        if (order->days >= 0)
            add(&facts.reordered_by_gap[order->days], line->is_reorder);
        if (!is_last)
            facts.lines_of[line->product]++;
    }
    return reordered;
}

static void count_orders(const struct gen_history *history)
{
    facts.orders.counts[history->order_count]++;
    for (int number = 1; number <= history->order_count; number++) {
        const struct gen_order *order = &history->orders[number - 1];
        bool is_last = number == history->order_count;
        int reordered = count_lines(history, number, order);
        facts.weekdays.counts[order->weekday]++;
        facts.hours.counts[order->hour]++;
        if (order->days >= 0) {
            facts.gaps.counts[order->days]++;
            add(&facts.gap_by_number[number], order->days);
            add(&facts.basket_by_gap[order->days], order->lines);
        }
        if (is_last)
            add(&facts.none_reordered, reordered == 0);
        else
            facts.baskets.counts[order->lines]++;
        facts.prior_lines += is_last ? 0 : order->lines;
    }
}

static void count_pairs(const struct gen_history *history)
{
    static int times[GEN_PRODUCTS];
    const struct gen_order *last = &history->orders[history->order_count - 1];
    double difference = 0;
    for (int i = 0; i < last->first_line; i++)
        times[history->lines[i].product]++;
    for (int i = 0; i < history->pair_count; i++) {
        const struct gen_pair *pair = &history->pairs[i];
        add(&facts.bought_once, times[pair->product] == 1);
        add(&facts.positive, pair->is_bought);
        facts.label_sum += pair->is_bought;
        facts.truth_sum += pair->probability;
        difference += pair->is_bought - pair->probability;
        times[pair->product] = 0;
    }
    facts.pairs += history->pair_count;
    facts.cluster_variance += difference * difference;
}

static int generate(void **state)
{
    struct gen_catalog *catalog = gen_catalog_make(42, NULL);
    struct gen_model *model = gen_model_make(catalog, NULL);
    struct gen_maker *maker = gen_maker_make(model, NULL);
    struct gen_history *history = malloc(sizeof *history);
    for (uint64_t user = 1; user <= USERS; user++) {
        gen_user_make(maker, user, history);
        count_orders(history);
        count_pairs(history);
    }
    free(history);
    gen_maker_free(maker);
    gen_model_free(model);
    free(catalog);
    *state = &facts;
    return 0;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static double top_share(int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += facts.lines_of[i]; /* sorted by now */
    return sum / facts.prior_lines;
}

/* One row of the table. All rows are looked at before the test fails. */
static int misses;
static void expect(const char *statistic, double value, double mean, double tolerance)
{
    if (fabs(value - mean) <= tolerance)
        return;
    printf("%s: %.4f is not within %.4f of %.4f\n", statistic, value, tolerance, mean);
    misses++;
}

static void orders_and_baskets(void **state)
{
    (void)state;
    misses = 0;
    expect("orders per user, mean", moment(&facts.orders, 1), 16.74, .6);
    expect("orders per user, median", median(&facts.orders), 10, 1);
    expect("users with 4 orders", share(&facts.orders, 4, 4), .115, .025);
    expect("users with 100 orders", share(&facts.orders, 100, 100), .0054, .005);
    double mean = moment(&facts.baskets, 1);
    expect("basket, mean", mean, 10.13, .35);
    expect("basket, median", median(&facts.baskets), 8, 1);
    expect("basket, standard deviation", sqrt(moment(&facts.baskets, 2) - mean * mean), 7.89, .7);
    expect("baskets of one product", share(&facts.baskets, 1, 1), .048, .008);
    expect("basket after 0-2 days", value_of(facts.basket_by_gap, 0, 2), 8.3, .8);
    expect("basket after 7-8 days", value_of(facts.basket_by_gap, 7, 8), 11.6, .8);
    expect("basket after 15-29 days", value_of(facts.basket_by_gap, 15, 29), 10.1, .8);
    assert_int_equal(misses, 0);
}

static void time_between_orders(void **state)
{
    (void)state;
    misses = 0;
    expect("days, mean", moment(&facts.gaps, 1), 11.13, .5);
    expect("days, median", median(&facts.gaps), 7, 1);
    expect("days, share of 0", share(&facts.gaps, 0, 0), .023, .003);
    expect("days, share of 7", share(&facts.gaps, 7, 7), .095, .008);
    expect("days, share of 30", share(&facts.gaps, 30, 30), .119, .013);
    expect("days before order 2", value_of(facts.gap_by_number, 2, 2), 14.6, 1);
    expect("days before order 4", value_of(facts.gap_by_number, 4, 4), 14.8, 1);
    expect("days before orders 7-10", value_of(facts.gap_by_number, 7, 10), 13.1, 1);
    expect("days before orders 11-20", value_of(facts.gap_by_number, 11, 20), 10.7, 1);
    expect("days before orders 21-40", value_of(facts.gap_by_number, 21, 40), 8.1, 1);
    expect("days before orders 41-100", value_of(facts.gap_by_number, 41, 100), 6.2, 1);
    expect("weekday 0", share(&facts.weekdays, 0, 0), .175, .012);
    expect("weekday 1", share(&facts.weekdays, 1, 1), .176, .012);
    expect("weekday 4", share(&facts.weekdays, 4, 4), .124, .012);
    expect("hours 10-16", share(&facts.hours, 10, 16), .575, .035);
    assert_int_equal(misses, 0);
}

static void reorders(void **state)
{
    (void)state;
    misses = 0;
    expect("reordered, prior orders", value_of(&facts.reordered_prior, 0, 0), .599, .012);
    expect("reordered, label orders", value_of(&facts.reordered_label, 0, 0), .598, .03);
    expect("label orders with nothing reordered", value_of(&facts.none_reordered, 0, 0), .064, .015);
    static const struct {
        int number;
        double mean, tolerance;
    } by_number[] = {{2, .24, .03}, {3, .37, .03}, {5, .51, .03}, {10, .64, .03}, {20, .75, .03}, {40, .80, .05}};
    for (size_t i = 0; i < sizeof by_number / sizeof *by_number; i++) {
        char statistic[40];
        snprintf(statistic, sizeof statistic, "reordered in order %d", by_number[i].number);
        expect(statistic, value_of(facts.reordered_by_number, by_number[i].number, by_number[i].number),
               by_number[i].mean, by_number[i].tolerance);
    }
    expect("reordered at position 1", value_of(facts.reordered_by_position, 0, 0), .73, .03);
    expect("reordered at position 5", value_of(facts.reordered_by_position, 4, 4), .64, .03);
    expect("reordered at position 10", value_of(facts.reordered_by_position, 9, 9), .55, .03);
    expect("reordered at position 20", value_of(facts.reordered_by_position, 19, 19), .43, .03);
    expect("reordered after 0-2 days", value_of(facts.reordered_by_gap, 0, 2), .72, .04);
    expect("reordered after 15-29 days", value_of(facts.reordered_by_gap, 15, 29), .56, .04);
    expect("reordered after 30 days", value_of(facts.reordered_by_gap, 30, 30), .52, .04);
    assert_int_equal(misses, 0);
}

static void pairs_and_products(void **state)
{
    (void)state;
    misses = 0;
    expect("pairs per user", facts.pairs / USERS, 63.9, 3);
    expect("lines per pair", facts.prior_lines / facts.pairs, 2.49, .07);
    expect("pairs with a positive label", value_of(&facts.positive, 0, 0), .095, .006);
    expect("pairs bought once", value_of(&facts.bought_once, 0, 0), .608, .015);
    qsort(facts.lines_of, GEN_PRODUCTS, sizeof *facts.lines_of, descending);
    expect("lines of the first product", top_share(1), .019, .008);
    expect("lines of the first 10 products", top_share(10), .090, .02);
    expect("lines of the first 100 products", top_share(100), .262, .02);
    assert_int_equal(misses, 0);
}

/* Labels of one user move together, so the error is estimated from whole users. */
static void labels_follow_their_true_probability(void **state)
{
    (void)state;
    double z = (facts.label_sum - facts.truth_sum) / sqrt(facts.cluster_variance);
    if (!(fabs(z) <= 6))
        fail_msg("labels sum to %.0f, probabilities to %.1f: z = %.2f", facts.label_sum, facts.truth_sum, z);
}

/* The prototype (another language, the same draws) made exactly these numbers of rows from this seed. */
static void totals_are_those_of_the_prototype(void **state)
{
    (void)state;
    double orders = moment(&facts.orders, 1) * total(&facts.orders);
    assert_int_equal(lround(orders), 34434);
    assert_int_equal(lround(facts.prior_lines + facts.reordered_label.count), 354727);
    assert_int_equal(lround(facts.pairs), 131692);
    assert_int_equal(lround(facts.label_sum), 12342);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_and_baskets),
        cmocka_unit_test(time_between_orders),
        cmocka_unit_test(reorders),
        cmocka_unit_test(pairs_and_products),
        cmocka_unit_test(labels_follow_their_true_probability),
        cmocka_unit_test(totals_are_those_of_the_prototype),
    };
    return cmocka_run_group_tests(tests, generate, NULL);
}
