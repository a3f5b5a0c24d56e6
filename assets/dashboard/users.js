// Users: who is there as counts, when, and how they talk.

import { chart } from "./chart.js";
import { figureTile, table, tile, tiles } from "./figures.js";
import { part } from "./parts.js";
import { NONE, count, day, duration, more, plural, points, score, share } from "./words.js";

export const TITLE = "Users";
export const WINDOW = "7d";

export function parts() {
  return [
    people(), chart("Users", "users"), chart("When they write", "activity"), talks(),
    chart("Conversations", "conversations"), chart("Channels", "channels"),
    cohorts(), scenarios(),
  ];
}

function people() {
  return part("Figures of the window", {
    wide: true,
    path: (choice) => `/api/users${choice.query("window")}`,
    show: (value) => tiles(
      tile("People, last 5 min", count(value.active_now)),
      figureTile("Users", value.users, count, more, { few: NONE }),
      tile("Of them new", count(value.new), `${count(value.returning)} came back`),
      figureTile("Engagement", value.engagement.score, (one) => one.toFixed(0), more),
      figureTile("Satisfaction", value.satisfaction, (one) => score(one, 5), more, { n: "votes" }),
      figureTile("In voice", value.voice, duration, more),
      ...value.returns.map((one) => tile(`Back after ${plural(one.after, "day")}`, share(one.share), `of ${count(one.people)}`)),
    ),
  });
}

function talks() {
  return part("Conversations", {
    wide: true,
    path: (choice) => `/api/conversations${choice.query("window")}`,
    show: (value) => tiles(
      tile("Going on now", count(value.going_on)),
      figureTile("Conversations", value.count, count, more),
      figureTile("Messages in one", value.length, (one) => one.toFixed(1), more),
      figureTile("Lasts", value.duration, duration, more),
      figureTile("With a follow-up", value.follow_up, share, (a, b) => points(a, b, "more", "fewer")),
    ),
  });
}

function cohorts() {
  return part("Who came back", {
    path: (choice) => `/api/users${choice.query("window")}`,
    show: (value) => {
      const most = Math.max(0, ...value.cohorts.map((row) => row.returns.length));
      const later = Array.from({ length: most }, (_, place) =>
        [`${plural(value.cohorts.find((row) => row.returns[place]).returns[place].after, "day")} on`,
          (row) => share(row.returns[place]?.share), "n"]);
      return table("Who came back, by the week of the first message", [
        ["Week of", (row) => day(row.week)], ["New", (row) => count(row.new), "n"], ...later,
      ], value.cohorts, "Too little is known of weeks.");
    },
  });
}

function scenarios() {
  return part("Scenarios", {
    path: (choice) => `/api/scenarios${choice.query("window")}`,
    show: (value) => table("Scenarios", [
      ["Scenario", (row) => row.name], ["Begun", (row) => count(row.starts), "n"], ["Finished", (row) => count(row.completed), "n"],
      ["Share", (row) => share(row.completion), "n"], ["Took", (row) => duration(row.length), "n"],
    ], value.rows, "No scenario was begun in this window."),
  });
}
