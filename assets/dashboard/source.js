// Asks the server, and says in words what went wrong.

export class Failed extends Error {}

async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch {
    throw new Failed("The server cannot be reached.");
  }

  if (response.status === 401) {
    location.assign("/sign-in");
    throw new Failed("You are signed out.");
  }

  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failed(body.error ?? "That did not work.");
  return body;
}

export function ask(path) {
  return answered(path, {});
}

export function tell(path, body) {
  const headers = { "Content-Type": "application/json" };
  return answered(path, { method: "POST", headers, body: JSON.stringify(body) });
}
