export type Fetch = (request: Request) => Promise<Response>;
export type Token = string | (() => string | Promise<string>);

/** Sends requests with a token. A token function is called once, and again where its token is refused with a 401. */
export function createAuthorized(fetch: Fetch, token: Token) {
  let current: Promise<string> | undefined;

  async function makeToken(): Promise<string> {
    return typeof token === "string" ? token : await token();
  }

  /** All requests share one token. A failed call is not kept. */
  function readToken(): Promise<string> {
    if (current) return current;
    const made = makeToken();
    current = made;
    made.catch(() => forget(made));
    return made;
  }

  function forget(refused: Promise<string>): void {
    if (current === refused) current = undefined;
  }

  async function sendOnce(request: Request, token: string): Promise<Response> {
    request.headers.set("authorization", `Bearer ${token}`);
    return await fetch(request);
  }

  return {
    readToken,
    /** `makeRequest` is called again for the second request. */
    async send(makeRequest: () => Request): Promise<Response> {
      const used = readToken();
      const response = await sendOnce(makeRequest(), await used);
      if (response.status !== 401 || typeof token === "string") return response;
      forget(used);
      return await sendOnce(makeRequest(), await readToken());
    },
  };
}
