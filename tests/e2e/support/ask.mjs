/** Asks the daemon at `base`; answers the status and the JSON, whatever they are. */
export async function ask(base, method, path, { token, json, body, headers } = {}) {
  const all = { ...headers };
  if (token) all.authorization = `Bearer ${token}`;
  if (json !== undefined) all["content-type"] = "application/json";
  const answer = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: all,
    body: json === undefined ? body : JSON.stringify(json),
  });
  const text = await answer.text();
  return { status: answer.status, json: text ? JSON.parse(text) : undefined };
}
