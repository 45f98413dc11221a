type Route = { method: string; path: string };

/**
 * Returns a function that lists the methods of a path, for `Allow`. The list is empty where no route has the path.
 *
 * `listRoutes` is called once, for the first path: by then all routes are registered.
 */
export function createAllowedMethods(listRoutes: () => readonly Route[]): (path: string) => string[] {
  let patterns: { method: string; pattern: RegExp }[] | undefined;
  return (path) => {
    patterns ??= listRoutes().map((route) => ({ method: route.method, pattern: toPattern(route.path) }));
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    // HEAD is answered wherever GET is.
    return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
  };
}

function toPattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/:\w+/g, "[^/]+")}$`);
}
