import { expect, it } from "vitest";
import { escapeHtml, html, trusted } from "./html.js";

it("escapes every hole, in content and in attributes", () => {
  const evil = `"><script>alert('x')</script>&`;
  expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;</p>',
  );
});

it("nests without escaping twice, and joins lists", () => {
  const items = ["a&b", "c"].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}${null}${undefined}${false}${0}</ul>`.text).toBe("<ul><li>a&amp;b</li><li>c</li>0</ul>");
  expect(html`${trusted("<b>x</b>")}`.text).toBe("<b>x</b>");
});

it("replaces what no document may hold", () => {
  expect(escapeHtml("a\u0000b\u001bc\td\ne")).toBe("a\ufffdb\ufffdc\td\ne");
});
