/* Makes the catalogue. Products are numbered by department and, inside it, by popularity rank; the numbers published
 * are a keyed permutation of that. Called once per run, before the workers start. The department table (products and
 * aisles as in the public market-basket set; shares, reorder rates and cycles as estimated for it) and the laws are the
 * planted model's; the order of the draws is the format. */
#include "backend/pipeline/gen_catalog.h"
#include "backend/pipeline/gen_random.h"
#include <math.h>
#include <stdlib.h>

struct department {
    int products, aisles;
    double line_share;   /* percent of all lines; only ratios matter */
    double reorder_rate; /* share of its lines that were bought before */
    double cycle_days;
};

static const struct department departments[GEN_DEPARTMENTS] = {
    {.products = 4007, .aisles = 11, .line_share = 6.90, .reorder_rate = .54, .cycle_days = 21},
    {.products = 548, .aisles = 1, .line_share = 0.11, .reorder_rate = .41, .cycle_days = 28},
    {.products = 1516, .aisles = 5, .line_share = 3.63, .reorder_rate = .63, .cycle_days = 10},
    {.products = 1684, .aisles = 5, .line_share = 29.20, .reorder_rate = .65, .cycle_days = 9},
    {.products = 1054, .aisles = 5, .line_share = 0.47, .reorder_rate = .57, .cycle_days = 24},
    {.products = 1139, .aisles = 4, .line_share = 0.83, .reorder_rate = .37, .cycle_days = 35},
    {.products = 4365, .aisles = 8, .line_share = 8.30, .reorder_rate = .65, .cycle_days = 14},
    {.products = 972, .aisles = 2, .line_share = 0.30, .reorder_rate = .60, .cycle_days = 21},
    {.products = 1858, .aisles = 5, .line_share = 2.67, .reorder_rate = .46, .cycle_days = 28},
    {.products = 38, .aisles = 2, .line_share = 0.11, .reorder_rate = .58, .cycle_days = 14},
    {.products = 6563, .aisles = 17, .line_share = 1.38, .reorder_rate = .32, .cycle_days = 45},
    {.products = 907, .aisles = 7, .line_share = 2.19, .reorder_rate = .57, .cycle_days = 14},
    {.products = 5371, .aisles = 12, .line_share = 5.78, .reorder_rate = .35, .cycle_days = 40},
    {.products = 1115, .aisles = 4, .line_share = 2.16, .reorder_rate = .56, .cycle_days = 18},
    {.products = 2092, .aisles = 5, .line_share = 3.29, .reorder_rate = .46, .cycle_days = 30},
    {.products = 3449, .aisles = 10, .line_share = 16.70, .reorder_rate = .67, .cycle_days = 10},
    {.products = 3085, .aisles = 10, .line_share = 2.28, .reorder_rate = .40, .cycle_days = 40},
    {.products = 1081, .aisles = 4, .line_share = 1.31, .reorder_rate = .58, .cycle_days = 14},
    {.products = 6264, .aisles = 11, .line_share = 8.90, .reorder_rate = .57, .cycle_days = 16},
    {.products = 1322, .aisles = 5, .line_share = 3.24, .reorder_rate = .61, .cycle_days = 14},
    {.products = 1258, .aisles = 1, .line_share = 0.21, .reorder_rate = .40, .cycle_days = 28},
};
enum { PRODUCE = 3 }; /* the department whose few best sellers are bought again far more than the rest */

/* One product of popularity rank `rank`; draws: aisle, theta's normal, cycle's normal. Returns its popularity. */
static double make_product(struct gen_catalog *catalog, int index, int department, int first_aisle, int rank)
{
    const struct department *dep = &departments[department];
    struct gen_random random = gen_random_of(catalog->seed, GEN_STREAM_PRODUCT, (uint64_t)index);
    double q = 5.5 * dep->products / 2000.0 + 0.1; /* flattens the head of the popularity law */
    struct gen_product *product = &catalog->products[index];
    product->department = (int16_t)department;
    product->aisle = (int16_t)(first_aisle + (int)(gen_uniform(&random) * dep->aisles));
    double theta = 0.8 * log(dep->reorder_rate / (1 - dep->reorder_rate)) + 0.40 * gen_normal(&random);
    theta -= 0.21 * log((rank + 1.0 + q) / (q + 1.0 + 0.02 * dep->products));
    if (department == PRODUCE)
        theta += 1.3 * exp(-rank / 2.0);
    catalog->theta[index] = theta;
    catalog->cycle[index] = exp(log(dep->cycle_days) + 0.35 * gen_normal(&random));
    return pow(rank + 1.0 + q, -1.10);
}

static void make_department(struct gen_catalog *catalog, int department, int first_aisle)
{
    int first = catalog->first[department], count = departments[department].products;
    double sum = 0;
    for (int rank = 0; rank < count; rank++) {
        sum += make_product(catalog, first + rank, department, first_aisle, rank);
        catalog->cumulative[first + rank] = sum;
    }
    for (int rank = 0; rank < count; rank++)
        catalog->cumulative[first + rank] /= sum;
}

static void publish_ids(struct gen_catalog *catalog)
{
    enum { IDS_OF_PRODUCTS = 1 };
    struct gen_permutation ids = gen_permutation_of(catalog->seed, IDS_OF_PRODUCTS, GEN_PRODUCTS);
    int32_t in_aisle[GEN_AISLES] = {0};
    for (int i = 0; i < GEN_PRODUCTS; i++) {
        struct gen_product *product = &catalog->products[i];
        product->number = in_aisle[product->aisle]++;
        product->id = (int32_t)gen_permute(&ids, (uint64_t)i) + 1;
        catalog->by_id[product->id - 1] = i;
    }
}

/* First purchases are what is left of a department's lines once repeats are taken out. */
static void weigh_departments(struct gen_catalog *catalog)
{
    double sum = 0;
    for (int d = 0; d < GEN_DEPARTMENTS; d++)
        sum += departments[d].line_share * (1 - departments[d].reorder_rate);
    for (int d = 0; d < GEN_DEPARTMENTS; d++)
        catalog->first_weight[d] = departments[d].line_share * (1 - departments[d].reorder_rate) / sum;
}

struct gen_catalog *gen_catalog_make(uint64_t seed, struct err *err)
{
    struct gen_catalog *catalog = calloc(1, sizeof *catalog);
    if (!catalog) {
        err_set(err, ERR_FAILED, "no memory for the product catalogue of the generator");
        return NULL;
    }
    catalog->seed = seed;
    int aisle = 0, product = 0;
    for (int d = 0; d < GEN_DEPARTMENTS; d++) {
        catalog->first[d] = product;
        make_department(catalog, d, aisle);
        product += departments[d].products;
        aisle += departments[d].aisles;
    }
    catalog->first[GEN_DEPARTMENTS] = product;
    publish_ids(catalog);
    weigh_departments(catalog);
    return catalog;
}

int gen_catalog_pick(const struct gen_catalog *catalog, int department, double x)
{
    int low = catalog->first[department], high = catalog->first[department + 1] - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (catalog->cumulative[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
