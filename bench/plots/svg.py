"""Line charts on two logarithmic axes, as SVG, without a library."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 40, 48
# Of ours and the peers: told apart by hue, by marker and by the name at the line's end.
COLOURS = {"clairscore": "#0b62a8", "woodelf": "#c4501b", "lightgbm": "#3f7d20", "xgboost": "#8a3f9e", "shap": "#8c6d00", "lleaves": "#b0246a"}


def ticks(low, high):
    """1, 2 and 5 times powers of ten within the range; powers of ten only where those would crowd."""
    decades = math.log10(high / low)
    steps = (1, 2, 5) if decades < 3 else (1,)
    return [s * 10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for s in steps
            if low * 0.999 <= s * 10.0**e <= high * 1.001]


def label(value):
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def spread(places, gap):
    """Places of labels, moved apart to at least `gap`, order kept."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in zip(order, order[1:]):
        moved[after] = max(moved[after], moved[before] + gap)
    return moved


def chart(title, x_name, y_name, series):
    """series: [(name, [(x, y), …])], ours first. Returns the SVG text."""
    points = [p for _, line in series for p in line]
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    y_low, y_high = min(y for _, y in points) / 1.3, max(y for _, y in points) * 1.3
    if x_low == x_high:
        x_low, x_high = x_low / 2, x_high * 2

    def x_at(x):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(x / x_low) / math.log(x_high / x_low)

    def y_at(y):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(y / y_low) / math.log(y_high / y_low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<title>{escape(title)}</title>', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
           f'<text x="{LEFT}" y="20" font-size="14" fill="#222">{escape(title)}</text>']
    for y in ticks(y_low, y_high):
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y_at(y):.1f}" y2="{y_at(y):.1f}" stroke="#ddd"/>'
                   f'<text x="{LEFT - 6}" y="{y_at(y) + 4:.1f}" text-anchor="end" fill="#555">{label(y)}</text>')
    for x in sorted({x for x, _ in points}):
        out.append(f'<line x1="{x_at(x):.1f}" x2="{x_at(x):.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 4}" stroke="#888"/>'
                   f'<text x="{x_at(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="#555">{label(x)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle" fill="#222">{escape(x_name)}</text>'
               f'<text transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle" fill="#222">{escape(y_name)}</text>')
    ends = spread([y_at(line[-1][1]) + 4 for _, line in series], 14)
    for i, (name, line) in enumerate(series):
        colour, width = COLOURS.get(name, "#5b5b5b"), 2.5 if i == 0 else 1.5
        path = " ".join(f"{x_at(x):.1f},{y_at(y):.1f}" for x, y in line)
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        for x, y in line:
            mark = f'<circle cx="{x_at(x):.1f}" cy="{y_at(y):.1f}" r="3" fill="{colour}"/>' if i % 2 == 0 else \
                f'<rect x="{x_at(x) - 3:.1f}" y="{y_at(y) - 3:.1f}" width="6" height="6" fill="{colour}"/>'
            out.append(mark)
        weight = ' font-weight="bold"' if i == 0 else ""
        out.append(f'<text x="{WIDTH - RIGHT + 8}" y="{ends[i]:.1f}" fill="{colour}"{weight}>{escape(name)}</text>')
    out.append("</svg>\n")
    return "\n".join(out)
