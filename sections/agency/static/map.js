// Draws <div class="map" data-ground="...geojson" data-marks="[[lat, lon, name, path], ...]"> with
// Leaflet, without a base map. A click on a place marks its line in the table, and the other way
// round; the names in the table become buttons, so that the keyboard reaches every place.
(() => {
  "use strict";

  const text = (value) => {
    const element = document.createElement("span");
    element.textContent = value;
    return element;
  };

  const linkRows = (map, areas) => {
    const rows = [...document.querySelectorAll("[data-places] tbody tr")];
    const choose = (id, fit) => {
      rows.forEach((row, n) => {
        row.classList.toggle("chosen", n === id);
        row.querySelector("button")?.setAttribute("aria-pressed", String(n === id));
      });
      areas.forEach((area, n) => area.getElement()?.classList.toggle("map-chosen", n === id));
      const area = areas.get(id);
      if (!area) return;
      area.bringToFront?.();
      area.openTooltip();
      if (fit) map.fitBounds(area.getBounds?.() ?? area.getLatLng().toBounds(500), { maxZoom: 15 });
      else rows[id]?.scrollIntoView({ block: "nearest" });
    };
    rows.forEach((row, id) => {
      if (!areas.has(id)) return;
      const name = row.cells[0];
      const button = document.createElement("button");
      button.type = "button";
      button.className = "map-name";
      button.setAttribute("aria-pressed", "false");
      button.textContent = name.textContent;
      button.addEventListener("click", () => choose(id, true));
      name.replaceChildren(button);
    });
    areas.forEach((area, id) => area.on("click", () => choose(id, false)));
  };

  const draw = (container, ground) => {
    container.classList.add("map-on");
    container.setAttribute("role", "group");
    container.setAttribute("aria-label", container.dataset.label);
    const marks = JSON.parse(container.dataset.marks || "[]");
    const map = L.map(container, {
      attributionControl: false,
      zoomControl: false,
      scrollWheelZoom: false,
      zoomSnap: 0.25,
    });
    const isSmall = ground.features.length <= 15 && !marks.length;
    const areas = new Map();
    const layer = L.geoJSON(ground, {
      style: { className: "map-area", weight: 1.5 },
      pointToLayer: (_feature, place) => L.circleMarker(place, { radius: 6, className: "map-area" }),
      onEachFeature: (feature, area) => {
        areas.set(feature.id, area);
        const permanent = isSmall && feature.geometry.type !== "Point";
        area.bindTooltip(text(feature.properties.name), permanent
          ? { permanent, direction: "center", className: "map-label" }
          : { sticky: true });
      },
    });
    const around = L.latLngBounds(marks.map(([latitude, longitude]) => [latitude, longitude]));
    map.fitBounds(layer.getBounds().extend(around), { padding: [12, 12], animate: false });
    layer.addTo(map);
    marks.forEach(([latitude, longitude, name, path]) => {
      const mark = L.circleMarker([latitude, longitude], { radius: 7, className: "map-mark" });
      mark.bindTooltip(text(name), { permanent: marks.length === 1, direction: "top" });
      mark.on("click", () => { if (marks.length > 1) location.assign(path); });
      mark.addTo(map);
    });
    L.control
      .zoom({ zoomInTitle: container.dataset.zoomIn, zoomOutTitle: container.dataset.zoomOut })
      .addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    linkRows(map, areas);
  };

  document.querySelectorAll(".map").forEach(async (container) => {
    try {
      const answer = await fetch(container.dataset.ground);
      if (!answer.ok) throw new Error(String(answer.status));
      draw(container, await answer.json());
    } catch (error) {
      console.error(error);
      container.textContent = container.dataset.failed;
    }
  });
})();
