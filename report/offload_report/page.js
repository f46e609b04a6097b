/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a place of a chart says, at once and by keyboard: arrow keys, Home and
 * End in a chart that has the focus.  Without this the browser shows the same
 * words after a moment. */
"use strict";
(function () {
	var tip = document.getElementById("tip"), here = null, byKey = false;

	function words(mark) {
		var title = mark.querySelector("title");

		/* Taken from the browser, which would show it a second time. */
		if (title) {
			mark.dataset.words = title.textContent;
			title.remove();
		}
		return mark.dataset.words;
	}
	function hide() {
		if (here) {
			if (here.dataset.words && !here.querySelector("title")) {
				var title = document.createElementNS(
					"http://www.w3.org/2000/svg", "title");
				title.textContent = here.dataset.words;
				here.appendChild(title);
			}
			here.classList.remove("here");
		}
		here = null;
		byKey = false;
		tip.hidden = true;
	}
	function show(mark, x, y) {
		var text = words(mark), box;

		if (mark !== here) {
			hide();
			here = mark;
			words(mark);
			mark.classList.add("here");
			tip.textContent = text;
		}
		tip.hidden = false;
		box = tip.getBoundingClientRect();
		x = x + 14 + box.width > innerWidth ? x - 14 - box.width : x + 14;
		y = y + 18 + box.height > innerHeight ? y - 12 - box.height : y + 18;
		tip.style.left = Math.max(4, x) + "px";
		tip.style.top = Math.max(4, y) + "px";
	}
	function markAt(event) {
		return event.target.closest &&
			event.target.closest(".hits rect, .lane rect, .lane path");
	}
	document.addEventListener("pointermove", function (event) {
		var mark = markAt(event);

		if (mark && (mark.querySelector("title") || mark.dataset.words))
			show(mark, event.clientX, event.clientY);
		else if (event.pointerType === "mouse" && here && !byKey)
			hide();
	});
	document.addEventListener("pointerdown", function (event) {
		if (markAt(event))
			show(markAt(event), event.clientX, event.clientY);
		else
			hide();
	});
	document.addEventListener("keydown", function (event) {
		var drawing = document.activeElement, marks, at, box;

		if (event.key === "Escape")
			hide();
		if (!drawing || !drawing.classList.contains("drawing"))
			return;
		marks = Array.from(drawing.querySelectorAll(".hits rect"));
		at = marks.indexOf(here);
		if (event.key === "ArrowRight")
			at = Math.min(at + 1, marks.length - 1);
		else if (event.key === "ArrowLeft")
			at = at < 0 ? marks.length - 1 : Math.max(at - 1, 0);
		else if (event.key === "Home")
			at = 0;
		else if (event.key === "End")
			at = marks.length - 1;
		else
			return;
		if (!marks[at])
			return;
		event.preventDefault();
		box = marks[at].getBoundingClientRect();
		show(marks[at], box.right, box.top + box.height / 3);
		byKey = true;
	});
	document.addEventListener("focusout", hide);
	/* (A chart that has just got the focus may still be coming into view.) */
	addEventListener("scroll", function () {
		if (!byKey)
			hide();
	}, { passive: true });
	/* On paper everything is open. */
	addEventListener("beforeprint", function () {
		document.querySelectorAll("details:not(.figures)")
			.forEach(function (d) { d.open = true; });
	});
})();
