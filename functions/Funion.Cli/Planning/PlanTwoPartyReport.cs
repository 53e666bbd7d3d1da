using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Private.Planning;

namespace Funion.Cli.Planning;

/// <summary>What a plan of activations says: a table, the same as JSON, a picture of the front; for MiniONN's network, Delphi's sets beside it.</summary>
sealed class PlanTwoPartyReport(
    PlannedModel model, ActivationPlanner planner, IReadOnlyList<PlannedSet> sets, IReadOnlyList<PlannedSet> front, PlannedSet? chosen, PlanBudget budget)
{
    readonly IReadOnlyList<(PublishedSet Theirs, PlannedSet? Ours)> _published =
        model.Name == "minionn" ? [.. PublishedSet.MiniOnn.Select(theirs => (theirs, sets.FirstOrDefault(set => set.Set.SequenceEqual(theirs.Set)) ?? planner.Count(theirs.Set)))] : [];

    /// <summary>How a set is written.</summary>
    public static string Name(IReadOnlyList<int> set) => set.Count == 0 ? "none" : "{" + string.Join(',', set) + "}";

    /// <summary>Prints.</summary>
    public void Show(Output output, KernelTimes times, double speed, TimeSpan trip)
    {
        output.Data(Line($"{model.Name}: {planner.Candidates.Count} activations of {string.Join(", ", planner.Candidates)} values; over {speed * 8 / 1e6:0.###} Mbit/s and {trip.TotalMilliseconds:0.###} ms"));
        output.Data("squares | circuits left | offline, online | rounds | seconds | right");
        foreach (PlannedSet set in sets)
        {
            output.Data(Row(set) + (ReferenceEquals(set, chosen) ? "  ← chosen" : front.Contains(set) ? "" : "  (another is better in all)") + (budget.Affords(set.Cost) ? "" : "  (over the budget)"));
        }
        foreach ((PublishedSet theirs, PlannedSet? ours) in _published)
        {
            output.Data(Line($"Delphi's {Name(theirs.Set)}: {(ours is null ? "fits into no ring" : Row(ours))} | Delphi: {theirs.Accuracy:P2} on CIFAR-10, {(ours is null ? 0 : (double)Left(ours) * PublishedSet.DelphiReluBytes / 1e6):0} MB of its ReLUs{(theirs.Bytes is { } bytes ? Line($", {bytes / 1e9} GB and {theirs.Seconds} s in all") : "")}"));
        }
        output.Data(Json(times, speed, trip));
    }

    /// <summary>Bytes, seconds and, where it is known, accuracy over the values that keep their circuit.</summary>
    public string Picture()
    {
        PlannedSet[] points = [.. front.OrderBy(set => set.Kept)];
        Svg picture = new();
        picture.Add(
            $"{model.Name}: bytes of a question", "activations with a circuit", "MB", Above(points.Max(set => set.Cost.Bytes / 1e6)),
            [Points("both phases", points, set => set.Cost.Bytes / 1e6), Points("online", points, set => set.Cost.OnlineBytes / 1e6)]);
        picture.Add(
            "predicted seconds", "activations with a circuit", "s", Above(points.Max(set => set.Cost.Seconds)),
            [Points("both phases", points, set => set.Cost.Seconds), Points("online", points, set => set.Cost.OnlineSeconds)]);
        if (points.All(set => set.Accuracy is not null))
        {
            picture.Add("right answers", "activations with a circuit", "%", 100, [Points("held-out pictures", points, set => 100 * set.Accuracy!.Value)]);
        }
        else if (_published.Count > 0)
        {
            picture.Add(
                "right answers, as Delphi published", "activations with a circuit", "%", 100,
                [("Delphi, CIFAR-10", [.. _published.Where(one => one.Ours is not null).Select(one => ((double)Left(one.Ours!), 100 * one.Theirs.Accuracy)).Order()])]);
        }
        return picture.ToString();
    }

    static (string, IReadOnlyList<(double X, double Y)>) Points(string name, PlannedSet[] sets, Func<PlannedSet, double> value) => (name, [.. sets.Select(set => ((double)set.Kept, value(set)))]);

    /// <summary>A round number above.</summary>
    static double Above(double value)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return decade * (value <= decade ? 1 : value <= 2 * decade ? 2 : value <= 4 * decade ? 4 : value <= 8 * decade ? 8 : 10);
    }

    /// <summary>Of the activations that can be exchanged, those that keep a circuit.</summary>
    int Left(PlannedSet set) => planner.Candidates.Where((_, place) => !set.Set.Contains(place)).Sum();

    static string Row(PlannedSet set) => Line(
        $"{Name(set.Set)} | {set.Kept:N0} | {set.Cost.OfflineBytes / 1e6:N2} MB, {set.Cost.OnlineBytes / 1e6:N2} MB | {set.Cost.OfflineRounds} + {set.Cost.OnlineRounds} | {set.Cost.OfflineSeconds:F2} + {set.Cost.OnlineSeconds:F2} | {(set.Accuracy is { } right ? Line($"{right:P1}") : "not known")}");

    JsonObject Json(KernelTimes times, double speed, TimeSpan trip) => new()
    {
        ["net"] = model.Name, ["activations"] = new JsonArray([.. planner.Candidates.Select(values => (JsonNode)values)]),
        ["bandwidth_bit_s"] = speed * 8, ["rtt_ms"] = trip.TotalMilliseconds,
        ["kernels_ns"] = new JsonObject
        {
            ["garble_and"] = Nanoseconds(times.Garbling), ["evaluate_and"] = Nanoseconds(times.Evaluation), ["transfer"] = Nanoseconds(times.Transfers),
            ["square_pair_transfer"] = Nanoseconds(times.Pairs),
        },
        ["sets"] = new JsonArray([.. sets.Select(set => (JsonNode)Json(set))]),
        ["chosen"] = chosen is null ? null : Places(chosen.Set),
        ["delphi"] = _published.Count == 0 ? null : new JsonArray([.. _published.Select(one => (JsonNode)new JsonObject
        {
            ["squares"] = Places(one.Theirs.Set), ["relus"] = one.Ours is null ? null : Left(one.Ours), ["published_accuracy"] = one.Theirs.Accuracy,
            ["published_bytes"] = one.Theirs.Bytes, ["published_seconds"] = one.Theirs.Seconds,
            ["their_relu_bytes"] = one.Ours is null ? null : (long)Left(one.Ours) * PublishedSet.DelphiReluBytes, ["ours"] = one.Ours is null ? null : Json(one.Ours),
        })]),
    };

    JsonObject Json(PlannedSet set) => new()
    {
        ["squares"] = Places(set.Set), ["relus"] = set.Kept, ["squared"] = set.Squares, ["bits"] = set.Integers.Modulus.Bits,
        ["bytes"] = new JsonObject { ["offline"] = set.Cost.OfflineBytes, ["online"] = set.Cost.OnlineBytes },
        ["rounds"] = new JsonObject { ["offline"] = set.Cost.OfflineRounds, ["online"] = set.Cost.OnlineRounds },
        ["seconds"] = new JsonObject { ["offline"] = Math.Round(set.Cost.OfflineSeconds, 4), ["online"] = Math.Round(set.Cost.OnlineSeconds, 4) },
        ["accuracy"] = set.Accuracy, ["front"] = front.Contains(set), ["within"] = budget.Affords(set.Cost) && budget.Suffices(set.Accuracy),
    };

    static JsonArray Places(IReadOnlyList<int> set) => new([.. set.Select(place => (JsonNode)place)]);

    static double Nanoseconds(LineFit fit) => Math.Round(fit.Unit * 1e9, 3);

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
