/* The dashboard's layout: bands of tiles. Called by app_draw.c at every drawing. Pure. */
#include "tui/tiles.h"

enum { TILE_COLS_MIN = 46, TILES_PER_ROW_MAX = 3, BAND_ROWS_MIN = 6, BAND_ROWS_MAX = 10 };

/* Columns are shared out so that rounding leaves no gap. */
static void lay_row(struct rect row, int count, struct rect rects[])
{
    for (int i = 0; i < count; i++) {
        int left = row.cols * i / count, right = row.cols * (i + 1) / count;
        rects[i] = (struct rect){.row = row.row, .col = row.col + left, .rows = row.rows, .cols = right - left};
    }
}

static void lay_grid(struct rect body, int count, struct rect rects[])
{
    int per_row = body.cols / TILE_COLS_MIN;
    per_row = per_row < 1 ? 1 : per_row > TILES_PER_ROW_MAX ? TILES_PER_ROW_MAX : per_row;
    int rows = (count + per_row - 1) / per_row;
    for (int row = 0, done = 0; row < rows; row++) {
        int top = body.rows * row / rows, bottom = body.rows * (row + 1) / rows;
        /* what is left is shared evenly: seven tiles are 3, 2, 2 */
        int here = (count - done + rows - row - 1) / (rows - row);
        struct rect band = {.row = body.row + top, .col = body.col, .rows = bottom - top, .cols = body.cols};
        lay_row(band, here, rects + done);
        done += here;
    }
}

void tiles_layout(struct rect body, int count, bool first_on_top, struct rect rects[])
{
    if (first_on_top && count > 1) {
        int band = body.rows / 4;
        band = band < BAND_ROWS_MIN ? BAND_ROWS_MIN : band > BAND_ROWS_MAX ? BAND_ROWS_MAX : band;
        band = band > body.rows / 2 ? body.rows / 2 : band;
        rects[0] = (struct rect){.row = body.row, .col = body.col, .rows = band, .cols = body.cols};
        body.row += band;
        body.rows -= band;
        lay_grid(body, count - 1, rects + 1);
    } else if (count > 0) {
        lay_grid(body, count, rects);
    }
}
