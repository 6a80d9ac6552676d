/* What every map page draws with: words, figures, small elements, symbols, packed lines. Texts reach the page through
   textContent only. */
"use strict";
window.drawing = function (data, state) {
  const NONE = "–", SVG = "http://www.w3.org/2000/svg";

  // ---- words and figures ----
  const speak = (pair) => pair[state.lang === "zh" ? 0 : 1];
  const t = (key, values) => speak(data.words[key]).replace(/\{(\w+)\}/g, (whole, name) =>
    values && name in values ? values[name] : whole);
  const grouped = new Intl.NumberFormat("en-US");
  const count = (n) => n === null || n === undefined ? NONE : grouped.format(n);
  const people = (n) => n === data.few[0] ? "<\u00a0" + data.few[1] : count(n);
  const minutes = (n) => n === null ? NONE : n.toFixed(1);
  function amount(n) { // ten thousands in Chinese, millions in English
    if (n === null) return NONE;
    return state.lang === "zh" ? (n / 1e4).toLocaleString("en-US", { maximumFractionDigits: n < 1e5 ? 1 : 0 })
      : (n / 1e6).toLocaleString("en-US", { maximumFractionDigits: n < 1e6 ? 3 : 2 });
  }
  const yuan = (n) => n === null ? NONE : n < (state.lang === "zh" ? 1e4 : 1e6) ? t("yuan_small", { n: count(n) }) : t("yuan_large", { n: amount(n) });
  const print = { count, people, minutes, yuan: amount };

  // ---- building blocks ----
  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
      else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const name = (text, tag) => el(tag || "span", { class: "data", dir: "auto" }, text === null ? NONE : text);
  function svg(width, height, ...shapes) {
    const node = document.createElementNS(SVG, "svg");
    for (const [key, value] of [["width", width], ["height", height], ["viewBox", `0 0 ${width} ${height}`], ["aria-hidden", "true"]])
      node.setAttribute(key, value);
    for (const [tag, attributes] of shapes) {
      const shape = document.createElementNS(SVG, tag);
      for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
      node.append(shape);
    }
    return node;
  }

  // ---- symbols: one outline for the canvas and for the legend ----
  const turn = (n, start, size) => Array.from({ length: n }, (_, k) =>
    [size * Math.cos(start + 2 * Math.PI * k / n), size * Math.sin(start + 2 * Math.PI * k / n)]);
  const SHAPES = { square: turn(4, Math.PI / 4, 1.2), diamond: turn(4, 0, 1.25), triangle: turn(3, -Math.PI / 2, 1.25),
    hexagon: turn(6, -Math.PI / 2, 1.1) };
  const GLYPHS = { plus: [[[-.55, 0], [.55, 0]], [[0, -.55], [0, .55]]], x: [[[-.42, -.42], [.42, .42]], [[.42, -.42], [-.42, .42]]] };

  function drawSymbol(ctx, x, y, radius, [shape, fill, stroke, , glyph], alpha) {
    ctx.beginPath();
    if (shape === "circle") ctx.arc(x, y, radius, 0, 2 * Math.PI);
    else SHAPES[shape].forEach(([dx, dy], k) => ctx[k ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius));
    ctx.closePath();
    ctx.globalAlpha = alpha;
    ctx.fillStyle = fill; ctx.fill();
    ctx.lineWidth = 1.6; ctx.lineJoin = "round"; ctx.setLineDash([]); ctx.strokeStyle = stroke; ctx.stroke();
    if (glyph === "dot") { ctx.beginPath(); ctx.arc(x, y, radius * .36, 0, 2 * Math.PI); ctx.fillStyle = "#fff"; ctx.fill(); }
    else if (glyph) {
      ctx.beginPath();
      for (const [from, to] of GLYPHS[glyph]) {
        ctx.moveTo(x + from[0] * radius, y + from[1] * radius); ctx.lineTo(x + to[0] * radius, y + to[1] * radius);
      }
      ctx.lineWidth = Math.max(1.6, radius / 3.6); ctx.stroke();
    }
  }
  function symbolIcon(key) {
    const [shape, fill, stroke, size, glyph] = data.symbols[key];
    const r = Math.min(size, 9), c = 12, points = (list) => list.map(([x, y]) => `${(c + x * r).toFixed(1)},${(c + y * r).toFixed(1)}`).join(" ");
    const outline = stroke === "#ffffff" ? "#8a949e" : stroke;
    const base = shape === "circle" ? ["circle", { cx: c, cy: c, r }] : ["polygon", { points: points(SHAPES[shape]) }];
    Object.assign(base[1], { fill, stroke: outline, "stroke-width": stroke === "#ffffff" ? .8 : 1.6 });
    const marks = glyph === "dot" ? [["circle", { cx: c, cy: c, r: r * .36, fill: "#fff" }]]
      : glyph ? GLYPHS[glyph].map((line) => ["polyline", { points: points(line), stroke, "stroke-width": Math.max(1.6, r / 3.6) }]) : [];
    return svg(24, 24, base, ...marks);
  }
  const lineIcon = (colour, dash, width) => svg(24, 12, ["path", { d: "M1 6H23", stroke: colour, "stroke-width": width || 2.4,
    "stroke-dasharray": dash || "none", fill: "none" }]);
  const arrowIcon = (colour) => svg(24, 12, ["path", { d: "M1 6H16", stroke: colour, "stroke-width": 2, fill: "none" }],
    ["path", { d: "M15 1.5L23 6L15 10.5Z", fill: colour }]);
  const loadIcon = (share, size) => {
    const c = size / 2, r = c - 4, over = share > 1, turn = 2 * Math.PI * Math.min(.9999, share), arc = (radius, colour, width) => ["circle", { cx: c, cy: c, r: radius, fill: "none", stroke: colour, "stroke-width": width }];
    const filled = ["path", { d: `M${c} ${c - r}A${r} ${r} 0 ${turn > Math.PI ? 1 : 0} 1 ${(c + r * Math.sin(turn)).toFixed(2)} ${(c - r * Math.cos(turn)).toFixed(2)}`, fill: "none",
      stroke: over ? data.colours.load_over : data.colours.load, "stroke-width": 3 }];
    return svg(size, size, arc(r, data.colours.load_room, 3), filled, ...(over ? [arc(r + 3, data.colours.load_over, 1.4)] : []));
  };
  const areaIcon = (colour, dash) => svg(24, 14, ["rect", { x: 3, y: 2, width: 18, height: 10, fill: colour, "fill-opacity": .25, stroke: colour, "stroke-width": 2, "stroke-dasharray": dash || "none" }]);
  const serviceIcon = () => svg(14, 14, ["circle", { cx: 7, cy: 7, r: 6.4, fill: "#fff", stroke: data.colours.centre, "stroke-width": 1.2 }],
    ["path", { d: "M7 3.4V10.6M3.4 7H10.6", stroke: data.colours.centre, "stroke-width": 2.4, fill: "none" }]);
  const haloIcon = (colour) => svg(24, 14, ["rect", { x: 4, y: 1, width: 16, height: 12, rx: 2, fill: colour, "fill-opacity": .35,
    stroke: colour, "stroke-width": 2 }]);

  // ---- canvas layers ----
  const DIM = .14; // what a filter leaves out stays as a shadow
  L.Canvas.include({
    _drawPlace(layer) {
      if (this._drawing && !layer._empty())
        drawSymbol(this._ctx, layer._point.x, layer._point.y, layer._radius, layer.options.symbol, layer.options.dim ? DIM : 1);
    },
    _drawLoad(layer) { // a ring round a site: its share filled clockwise from the top; a second ring where it carries too much
      if (!this._drawing || layer._empty()) return;
      const ctx = this._ctx, { x, y } = layer._point, { share, colours, dim } = layer.options, over = share > 1;
      const arc = (radius, from, to, colour, width) => {
        ctx.beginPath(); ctx.arc(x, y, radius, from, to);
        ctx.strokeStyle = colour; ctx.lineWidth = width; ctx.stroke();
      };
      ctx.setLineDash([]); ctx.lineCap = "butt"; ctx.globalAlpha = dim ? DIM : 1;
      arc(layer._radius, 0, 2 * Math.PI, "#ffffff", 5);
      arc(layer._radius, 0, 2 * Math.PI, colours.room, 3);
      arc(layer._radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, share), over ? colours.over : colours.load, 3);
      if (over) arc(layer._radius + 3.5, 0, 2 * Math.PI, colours.over, 1.6);
    },
    _drawArrow(layer) {
      if (!this._drawing || !layer._parts.length) return;
      const [a, b] = layer._latlngs.map((at) => this._map.latLngToLayerPoint(at)), ctx = this._ctx;
      const length = a.distanceTo(b), size = scale(this._map);
      if (length < 1) return;
      const ux = (b.x - a.x) / length, uy = (b.y - a.y) / length, gap = Math.min(7 * size, length / 3), tip = [b.x - ux * gap, b.y - uy * gap];
      const long = Math.min(9 * size, length * .6), wide = long * .5, neck = [tip[0] - ux * long, tip[1] - uy * long];
      ctx.globalAlpha = layer.options.dim ? DIM : .95; ctx.setLineDash([]); ctx.lineCap = "butt";
      for (const [colour, width] of [["#ffffff", 4.2], [layer.options.color, 2]]) {
        ctx.beginPath(); ctx.moveTo(a.x, a.y); ctx.lineTo(neck[0], neck[1]);
        ctx.strokeStyle = colour; ctx.lineWidth = width * Math.max(.8, size); ctx.stroke();
      }
      ctx.beginPath(); ctx.moveTo(tip[0], tip[1]); ctx.lineTo(neck[0] - uy * wide, neck[1] + ux * wide); ctx.lineTo(neck[0] + uy * wide, neck[1] - ux * wide);
      ctx.closePath(); ctx.fillStyle = layer.options.color; ctx.fill();
      ctx.lineWidth = 1; ctx.strokeStyle = "#ffffff"; ctx.stroke();
    },
    _drawArea(layer) { // a band inside the outline, so that neighbours' colours lie side by side
      if (!this._drawing || !layer._parts.length) return;
      const ctx = this._ctx, { color, band, weight, dashArray } = layer.options;
      ctx.save();
      ctx.beginPath();
      for (const part of layer._parts) {
        part.forEach((at, k) => ctx[k ? "lineTo" : "moveTo"](at.x, at.y));
        ctx.closePath();
      }
      ctx.clip("evenodd");
      ctx.lineJoin = "round"; ctx.strokeStyle = color;
      ctx.setLineDash([]); ctx.globalAlpha = .3; ctx.lineWidth = 2 * band; ctx.stroke();
      ctx.setLineDash(dashArray ? dashArray.split(" ").map(Number) : []); ctx.globalAlpha = 1; ctx.lineWidth = 2 * weight; ctx.stroke();
      ctx.restore();
    },
  });
  const Place = L.CircleMarker.extend({ _updatePath() { this._renderer._drawPlace(this); } });
  const Load = L.CircleMarker.extend({ _updatePath() { this._renderer._drawLoad(this); } });
  const Arrow = L.Polyline.extend({ _updatePath() { this._renderer._drawArrow(this); } });
  const Area = L.Polygon.extend({ options: { noClip: true, fill: false, interactive: false }, _updatePath() { this._renderer._drawArea(this); } });
  const scale = (map) => Math.min(1.5, Math.max(.42, .72 + (map.getZoom() - 9.75) * .2));
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const DIGIT = new Uint8Array(128);
  for (let k = 0; k < 64; k++) DIGIT[ALPHABET.charCodeAt(k)] = k;
  function unpack(code) { // the other half of lines.pack
    const parts = [];
    let at = 0, lat = 0, lon = 0;
    const next = () => { for (let value = 0, size = 1; ; size *= 32) { const d = DIGIT[code.charCodeAt(at++)]; value += (d & 31) * size; if (d < 32) return value; } };
    const signed = () => { const n = next(); return n % 2 ? -(n + 1) / 2 : n / 2; };
    while (at < code.length) {
      const part = new Array(next());
      for (let k = 0; k < part.length; k++) { lat += signed(); lon += signed(); part[k] = [lat / 1e5, lon / 1e5]; }
      parts.push(part);
    }
    return parts;
  }
  return { NONE, speak, t, count, people, minutes, yuan, print, el, name, svg, symbolIcon, lineIcon, arrowIcon, haloIcon, loadIcon, areaIcon, serviceIcon,
    Place, Load, Arrow, Area, scale, unpack };
};
