import { expect, test } from "bun:test";
import { createAllowedMethods } from "../../src/api/http/allowedMethods.ts";

const allowedMethods = createAllowedMethods(() => [
  { method: "PUT", path: "/v1/services/:serviceId" },
  { method: "GET", path: "/v1/services" },
  { method: "POST", path: "/v1/audits" },
  { method: "GET", path: "/v1/audits" },
  { method: "GET", path: "/v1/audits/latest.json" },
]);

test("the methods of a path are those of its routes, with HEAD wherever GET is", () => {
  expect(allowedMethods("/v1/services/a.b:c")).toEqual(["PUT"]);
  expect(allowedMethods("/v1/services")).toEqual(["GET", "HEAD"]);
  expect(allowedMethods("/v1/audits")).toEqual(["POST", "GET", "HEAD"]);
});

test("a path that no route has allows no method", () => {
  for (const path of ["/", "/v1", "/v1/services/", "/v1/services/a/b", "/V1/services", "/v1/audits/latestxjson"])
    expect(allowedMethods(path)).toEqual([]);
});
