/* Maps a theme's colours to what a terminal has. Pure. The 256-colour layout (16 names, 6x6x6 cube, 24 greys) is
 * xterm's; the RGB of the 16 names is xterm's default table, a guess, since users choose their own. */
#include "tui/theme.h"
#include <stdlib.h>

enum { RGB_FLAG = 0x1000000 };

static const int32_t named_rgb[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
                                      0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
static const int cube_levels[6] = {0, 95, 135, 175, 215, 255};

static int red(int32_t rgb)
{
    return (rgb >> 16) & 255;
}

static int green(int32_t rgb)
{
    return (rgb >> 8) & 255;
}

static int blue(int32_t rgb)
{
    return rgb & 255;
}

static int32_t palette_rgb(int32_t index)
{
    if (index < 16)
        return named_rgb[index];
    if (index >= 232) {
        int level = 8 + 10 * (index - 232);
        return level << 16 | level << 8 | level;
    }
    index -= 16;
    return cube_levels[index / 36] << 16 | cube_levels[index / 6 % 6] << 8 | cube_levels[index % 6];
}

/* Squared distance weighted by the eye's sensitivity ("redmean", a common low-cost approximation). */
static long distance(int32_t a, int32_t b)
{
    long mean = (red(a) + red(b)) / 2, r = red(a) - red(b), g = green(a) - green(b), bl = blue(a) - blue(b);
    return ((512 + mean) * r * r >> 8) + 4 * g * g + ((767 - mean) * bl * bl >> 8);
}

static int32_t nearest(int32_t rgb, int first, int last)
{
    int32_t best = first;
    for (int i = first; i <= last; i++)
        if (distance(rgb, palette_rgb(i)) < distance(rgb, palette_rgb(best)))
            best = i;
    return best;
}

static int32_t rgb_of(int32_t color)
{
    return color & RGB_FLAG ? color & 0xffffff : palette_rgb(color);
}

/* Difference of the strongest and the weakest of the three. */
static int saturation(int32_t rgb)
{
    int high = red(rgb) > green(rgb) ? red(rgb) : green(rgb), low = red(rgb) < green(rgb) ? red(rgb) : green(rgb);
    high = blue(rgb) > high ? blue(rgb) : high;
    low = blue(rgb) < low ? blue(rgb) : low;
    return high - low;
}

/* Of the 256: what is nearly grey stays grey, since the cube's steps are so wide that its nearest would be a colour. */
static int32_t nearest_of_palette(int32_t rgb)
{
    enum { NEARLY_GREY = 40 };
    return saturation(rgb) < NEARLY_GREY ? nearest(rgb, 232, 255) : nearest(rgb, 16, 255);
}

/* Nearest of the 16 names. Hue matters more than exact distance when so few are left, so only greys may become grey. */
static int32_t nearest_name(int32_t rgb)
{
    int high = red(rgb) > green(rgb) ? red(rgb) : green(rgb), low = red(rgb) < green(rgb) ? red(rgb) : green(rgb);
    high = blue(rgb) > high ? blue(rgb) : high;
    low = blue(rgb) < low ? blue(rgb) : low;
    if (high - low < 48) /* the same thought, with steps wider still */
        return high < 48 ? 0 : high < 160 ? 8 : high < 235 ? 7 : 15;
    int bits = 0, half = (high + low) / 2;
    bits |= red(rgb) > half ? 1 : 0;
    bits |= green(rgb) > half ? 2 : 0;
    bits |= blue(rgb) > half ? 4 : 0;
    return high > 215 ? bits + 8 : bits;
}

int32_t theme_map_color(int32_t color, enum theme_depth depth)
{
    if (color < 0 || depth == DEPTH_MONO)
        return COLOR_DEFAULT;
    if (depth == DEPTH_RGB)
        return color < 8 ? color : RGB_FLAG | rgb_of(color);
    if (color < 16)
        return depth == DEPTH_8 ? color & 7 : color;
    if (depth == DEPTH_256)
        return color & RGB_FLAG ? nearest_of_palette(rgb_of(color)) : color;
    int32_t name = nearest_name(rgb_of(color));
    return depth == DEPTH_8 ? name & 7 : name;
}

struct style theme_map_style(struct style style, enum theme_depth depth)
{
    struct style out = style;
    out.fg = theme_map_color(style.fg, depth);
    out.bg = theme_map_color(style.bg, depth);
    if (depth == DEPTH_8 && theme_map_color(style.fg, DEPTH_16) >= 8)
        out.attrs |= ATTR_BOLD;
    if (depth == DEPTH_MONO && style.bg != COLOR_DEFAULT)
        out.attrs |= ATTR_REVERSE;
    return out;
}
