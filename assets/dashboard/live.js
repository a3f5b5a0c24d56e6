// The live channel: listens, comes again by itself when it is broken, and says how old the figures are.

import { write } from "./element.js";
import { duration } from "./words.js";

const STALE = 5;
const LONGEST = 15_000;
const SIGNED_OUT = 1008;

export class Live {
  constructor(status, say) {
    this.status = status;
    this.say = say;
    this.listeners = [];
    this.heard = null;
    this.wait = 500;
    this.open = false;
    this.ready = false;
    setInterval(() => this.#tell(), 1000);
    addEventListener("online", () => this.#connect());
  }

  listen(listener) {
    this.listeners.push(listener);
    if (!this.ready) {
      this.ready = true;
      this.#connect();
    }
  }

  get age() {
    return this.heard === null ? null : (performance.now() - this.heard) / 1000;
  }

  #connect() {
    if (this.socket && this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.again);
    this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/metrics`);
    this.socket.onmessage = (event) => this.#take(JSON.parse(event.data));
    this.socket.onclose = (event) => (event.code === SIGNED_OUT ? location.assign("/sign-in") : this.#lost());
  }

  #take(message) {
    if (!this.open && this.heard !== null) this.say("Connected again.");
    this.open = true;
    this.wait = 500;
    this.heard = performance.now();
    for (const listener of this.listeners) listener(message);
    this.#tell();
  }

  #lost() {
    if (this.open) this.say("The connection is lost; reconnecting.");
    this.open = false;
    this.#tell();
    // Somewhat at random, so that not all come at once after a restart.
    this.again = setTimeout(() => this.#connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST);
  }

  #tell() {
    const { age } = this;
    const old = age === null ? "no figures yet" : `figures are ${duration(age)} old`;
    const late = this.open && age > STALE;
    write(this.status, this.open ? (late ? `Live, but ${old}` : "Live") : age === null ? "Connecting …" : `Reconnecting … ${old}`);
    this.status.className = `connection state ${this.open && !late ? "good" : age === null ? "unknown" : "warning"}`;
    document.body.classList.toggle("old", !this.open && age !== null);
  }
}
