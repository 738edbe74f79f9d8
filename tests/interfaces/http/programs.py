"""Programs in other languages that call a service through the client written for them, and say what they heard."""

from __future__ import annotations

TYPESCRIPT = """
import { CallError, CreditClient } from "./credit-client.ts";
declare const process: { argv: string[] };
const [url = "", key = ""] = process.argv.slice(2);
const client = new CreditClient(url, { key });
const rows = [{ROWS}];
const said = await client.decide(rows, { ids: ["ts-1", null, "ts-3"] });
const again = await client.decide(rows.slice(0, 1), { ids: ["ts-1"] });
const told = await client.outcomes([{ id: "ts-1", outcome: "yes" }]);
const done = await client.actions([{ id: "ts-1", action: "call" }]);
let refused: unknown;
try {
  await client.decide(rows, { expectedVersion: 99 });
} catch (error) {
  if (error instanceof CallError) refused = [error.status, error.code];
}
const scores = said.decisions.map((entry) => (entry.error === undefined ? entry.score : null));
const decisions = said.decisions.map((entry) => (entry.error === undefined ? entry.decision : entry.error.code));
const first = again.decisions[0];
const repeated = first?.error === undefined && first?.repeated === true;
console.log(JSON.stringify({ scores, decisions, repeated, told: told.accepted, done: done.accepted, refused }));
"""
JAVA = """
import java.util.*;
public class Call {
  public static void main(String[] args) throws Exception {
    CreditClient client = new CreditClient(args[0], args.length > 1 ? args[1] : null);
    CreditClient.Row good = new CreditClient.Row().age(50).income(1000.5).region("EU").member(true)
        .joined("2021-05-01T00:00:00Z").late(0);
    CreditClient.Row odd = new CreditClient.Row().age(Double.NaN).region("fête \\ud83c\\udf89").late(1);
    CreditClient.Row bad = new CreditClient.Row();
    List<CreditClient.Row> rows = List.of(good, odd, bad);
    CreditClient.Asking asking = new CreditClient.Asking().ids(Arrays.asList("java-1", null, "java-3"));
    CreditClient.Answers said = client.decide(rows, asking);
    CreditClient.Answers again = client.decide(rows.subList(0, 1), new CreditClient.Asking().ids(List.of("java-1")));
    CreditClient.Taken told = client.outcomes(List.of(Map.of("id", "java-1", "outcome", "yes")));
    CreditClient.Taken done = client.actions(List.of(Map.of("id", "java-1", "action", "call")));
    String refused = "";
    try {
      client.decide(rows, new CreditClient.Asking().expectedVersion(99));
    } catch (CreditClient.CallException error) {
      refused = "[" + error.status + ",\\"" + error.code + "\\"]";
    }
    List<String> scores = new ArrayList<>(), decisions = new ArrayList<>();
    for (CreditClient.Answer answer : said.decisions()) {
      scores.add(String.valueOf(answer.score()));
      decisions.add("\\"" + (answer.error() == null ? answer.decision() : answer.error().code()) + "\\"");
    }
    System.out.println("{\\"scores\\":" + scores + ",\\"decisions\\":" + decisions + ",\\"repeated\\":"
        + again.decisions().get(0).repeated() + ",\\"told\\":" + told.accepted() + ",\\"done\\":" + done.accepted()
        + ",\\"refused\\":" + refused + "}");
  }
}
"""
GO = """
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"caller/credit"
)

func main() {
	key := ""
	if len(os.Args) > 2 {
		key = os.Args[2]
	}
	client, ctx := credit.New(os.Args[1], key), context.Background()
	good := credit.Row{Age: credit.Of(50.0), Income: credit.Of(1000.5), Region: credit.Of("EU"),
		Member: credit.Of(true), Joined: credit.Of("2021-05-01T00:00:00Z"), Late: credit.Of(0.0)}
	odd := credit.Row{Region: credit.Of("fête 🎉"), Late: credit.Of(1.0)}
	rows := []credit.Row{good, odd, {}}
	said, err := client.Decide(ctx, rows, credit.Asking{IDs: []string{"go-1", "go-2", "go-3"}})
	if err != nil {
		panic(err)
	}
	again, _ := client.Decide(ctx, rows[:1], credit.Asking{IDs: []string{"go-1"}})
	told, _ := client.Outcomes(ctx, []credit.Outcome{{ID: "go-1", Outcome: "yes"}})
	done, _ := client.Actions(ctx, []credit.Action{{ID: "go-1", Action: credit.DecideCall}})
	_, err = client.Decide(ctx, rows, credit.Asking{ExpectedVersion: 99})
	var refused *credit.CallError
	errors.As(err, &refused)
	scores, decisions := []*float64{}, []string{}
	for _, answer := range said.Decisions {
		scores = append(scores, answer.Score)
		if answer.Error != nil {
			decisions = append(decisions, answer.Error.Code)
		} else {
			decisions = append(decisions, *answer.Decision)
		}
	}
	line, _ := json.Marshal(map[string]any{"scores": scores, "decisions": decisions, "told": told.Accepted,
		"repeated": again.Decisions[0].Repeated, "done": done.Accepted, "refused": []any{refused.Status, refused.Code}})
	fmt.Println(string(line))
}
"""
CSHARP = """
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
public static class Call
{
    public static void Main(string[] args)
    {
        Ask.Main();
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        var client = new CreditClient(args[0], args.Length > 1 ? args[1] : null);
        var good = new CreditClient.Row { Age = 50, Income = 1000.5, Region = "EU", Member = true,
            Joined = "2021-05-01T00:00:00Z", Late = 0 };
        var odd = new CreditClient.Row { Age = double.NaN, Region = "fête 🎉", Late = 1 };
        var rows = new[] { good, odd, new CreditClient.Row() };
        var asking = new CreditClient.Asking { Ids = new[] { "cs-1", null, "cs-3" } };
        var said = client.DecideAsync(rows, asking).Result;
        var again = client.DecideAsync(new[] { good }, new CreditClient.Asking { Ids = new[] { "cs-1" } }).Result;
        var told = client.OutcomesAsync(new[] { new CreditClient.Outcome { Id = "cs-1", Happened = "yes" } }).Result;
        var done = client.ActionsAsync(new[] { new CreditClient.Act { Id = "cs-1", Done = "call" } }).Result;
        var refused = "";
        try
        {
            client.DecideAsync(rows, new CreditClient.Asking { ExpectedVersion = 99 }).Wait();
        }
        catch (AggregateException error)
        {
            var inner = (CreditClient.CallException)error.InnerException;
            refused = "[" + inner.Status + ",\\"" + inner.Code + "\\"]";
        }
        var scores = said.Decisions.Select(each => each.Score?.ToString("R", CultureInfo.InvariantCulture) ?? "null");
        var words = said.Decisions.Select(each => "\\"" + (each.Error?.Code ?? each.Decision) + "\\"");
        Console.WriteLine("{\\"scores\\":[" + string.Join(",", scores) + "],\\"decisions\\":[" + string.Join(",", words)
            + "],\\"repeated\\":" + (again.Decisions[0].Repeated ? "true" : "false") + ",\\"told\\":" + told.Accepted
            + ",\\"done\\":" + done.Accepted + ",\\"refused\\":" + refused + "}");
    }
}
"""
