using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>The tool dies between any two of a round's steps, or amid its runs; the user asks again until nothing waits.</summary>
[Collection(nameof(FunionHome))]
public sealed class VerifiedRoundCrashTests : IDisposable
{
    const int Lambda = 6;

    readonly string _home = Directory.CreateTempSubdirectory("funion-crash-").FullName;
    readonly string? _before = Environment.GetEnvironmentVariable(FunionHome.Variable);

    public VerifiedRoundCrashTests() => Environment.SetEnvironmentVariable(FunionHome.Variable, _home);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _before);
        Directory.Delete(_home, recursive: true);
    }

    /// <summary>Servers of the process that dies: honest, one wrong answer, answers that never come.</summary>
    [Theory]
    [InlineData("honest")]
    [InlineData("lies")]
    [InlineData("loses")]
    public async Task Wherever_it_dies_nothing_is_lost_drawn_twice_uncounted_or_said_unconfirmed(string server)
    {
        int steps = NewRound(Asking("honest"), [], TextWriter.Null).Steps.Count;
        Assert.Equal(10, steps);
        // One more: it dies amid its runs.
        for (int died = 0; died <= steps + 1; died++)
        {
            string where = $"{server}, {died}";
            Environment.SetEnvironmentVariable(FunionHome.Variable, Path.Combine(_home, $"{died}"));
            File.WriteAllBytes(SamplesFile(), ScriptedAsking.Pool(120, 60).ToBytes());
            PendingQuery one = Query("one", 1) with { Answer = Pools.Output(1, 5) }, two = Query("two", 2), three = Query("three", 3);
            Assert.Equal(PendingOutcome.Done, Store().TryChange(_ => [one, two], out _));
            List<(JsonNode? Said, ScriptedAsking Way)> processes = [];
            bool amid = died > steps;
            using CancellationTokenSource death = new();
            processes.Add(await RunAsync(Asking(server, amid ? death : null), [three], amid ? steps : died, death.Token));
            // The user repeats the command, then asks for what is left.
            for (int next = 0; next < 3 && (next == 0 || Waiting().Count > 0); next++)
            {
                processes.Add(await RunAsync(Asking("honest"), next == 0 ? [Query("three", 3)] : [], steps, default));
            }

            Assert.True(Waiting().Count == 0, where);
            JsonNode[] said = [.. processes.Select(process => process.Said).OfType<JsonNode>()];
            (string Name, string Answer)[] confirmed = [.. said.SelectMany(node => node["answers"]!.AsArray()).Select(answer => ((string)answer!["input"]!, answer["outputs"]!.ToJsonString()))];
            // Nothing lost: each is confirmed, more than once only if it was said by a process that died before it let go.
            Assert.Equal(["one", "three", "two"], confirmed.Select(answer => answer.Name).Distinct().Order());
            // Nothing said unconfirmed: each is the model's own answer.
            Assert.All(confirmed, answer => Assert.Contains(answer.Name switch { "one" => "[2,10]", "two" => "[4,10]", _ => "[6,10]" }, answer.Answer, StringComparison.Ordinal));
            Assert.True(server == "honest" || said.Length < 2 || processes[0].Said is null || processes[0].Said!["answers"]!.AsArray().Count == 0, where);
            // Nothing drawn twice, by whatever process.
            string[] queries = [.. ((ReadOnlyMemory<byte>[])[one.Input, two.Input, three.Input]).Select(input => Convert.ToHexString(input.Span))];
            string[][] samples = [.. processes.Select(process => process.Way.Asked.Select(run => run.Input).Where(input => !queries.Contains(input)).Distinct().ToArray())];
            Assert.Equal(samples.Sum(own => own.Length), samples.SelectMany(own => own).Distinct().Count());
            // No attempt uncounted: what is printed counts every round that asked a query, and the ledger every round that asked anyone.
            int rounds = processes.Count(process => !process.Way.Asked.IsEmpty);
            int counted = said.Select(node => (int?)node["verified"]?["attempts"]).Max() ?? 0;
            Assert.True(counted >= processes.Count(process => process.Way.Asked.Any(run => run.Input == queries[0])), $"{where}: {counted} of {rounds}");
            Assert.Equal(LedgerOutcome.Done, new ProviderLedger(HomeLedger.Folder).TryRead(out IReadOnlyList<ProviderRecord> records));
            ProviderRecord record = Assert.Single(records);
            Assert.InRange(record.Begun, rounds, processes.Count);
            Assert.InRange(record.Rounds, 1, record.Begun);
            Assert.Equal(0, record.Missed);
        }
    }

    [Fact]
    public async Task What_is_refused_takes_nothing_away_from_what_was_confirmed_before()
    {
        File.WriteAllBytes(SamplesFile(), ScriptedAsking.Pool(120, 60).ToBytes());
        Assert.Equal(PendingOutcome.Done, Store().TryChange(_ => [Query("one", 1)], out _));
        // The first process dies when it has settled, before it says anything.
        await RunAsync(Asking("honest"), [], 8, default);
        Assert.Equal(PendingState.Confirmed, Assert.Single(Waiting()).State);
        (JsonNode? said, _) = await RunAsync(Asking("lies"), [Query("two", 2)], 10, default);
        Assert.Equal("one", (string?)Assert.Single(said!["answers"]!.AsArray())!["input"]);
        Assert.Equal(["two"], said["refused"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(6, (int)said["error"]!["code"]!);
        // The refused one waits anew, its answer is gone, its round counts.
        PendingQuery left = Assert.Single(Waiting());
        Assert.Equal(("two", PendingState.Open, 1, 0), (left.Name, left.State, left.Attempts, left.Answer.Length));
        (said, _) = await RunAsync(Asking("loses"), [], 10, default);
        Assert.Equal(["two"], said!["incomplete"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(1, (int)said["error"]!["code"]!);
        (said, _) = await RunAsync(Asking("honest"), [], 10, default);
        Assert.Equal(3, (int)said!["verified"]!["attempts"]!);
        VerificationPlan plan = VerificationPlan.For(1, Lambda);
        Assert.Equal(plan.CheatingLog2 + Math.Log2(3), (double)said["verified"]!["cheating_probability_log2"]!, 1e-2);
    }

    [Fact]
    public async Task What_was_confirmed_is_said_even_where_no_round_can_be_asked_any_more()
    {
        File.WriteAllBytes(SamplesFile(), ScriptedAsking.Pool(120, 60).ToBytes());
        Assert.Equal(PendingOutcome.Done, Store().TryChange(_ => [Query("one", 1)], out _));
        await RunAsync(Asking("honest"), [], 8, default);
        ScriptedAsking way = Asking("honest");
        new ProviderLedger(HomeLedger.Folder).TryRecord(Pools.Model, [(new Bytes32(way.Model.Compute.AsSpan()), new ProviderEvidence(60, 0, 0, 0, 50, 1))], true, 0.99);
        (JsonNode? said, _) = await RunAsync(way, [Query("two", 2)], 10, default);
        Assert.Empty(way.Asked);
        Assert.Equal("one", (string?)Assert.Single(said!["answers"]!.AsArray())!["input"]);
        Assert.Equal(("two", 6), ((string?)said["incomplete"]![0], (int)said["error"]!["code"]!));
        Assert.Empty(Waiting());
    }

    [Fact]
    public async Task A_question_that_lost_an_answer_is_no_lie_whether_it_waits_or_not()
    {
        File.WriteAllBytes(SamplesFile(), ScriptedAsking.Pool(120, 60).ToBytes());
        using StringWriter data = new();
        VerifiedRound round = NewRound(Asking("loses"), [Query("one", 1)], data, isPending: false);
        Assert.Equal((int)ExitCode.Failed, await round.RunAsync(default));
        JsonNode said = JsonNode.Parse(data.ToString())!;
        Assert.Equal(("one", 0), ((string?)said["incomplete"]![0], said["refused"]!.AsArray().Count));
        Assert.Equal(LedgerOutcome.Done, new ProviderLedger(HomeLedger.Folder).TryRead(out IReadOnlyList<ProviderRecord> records));
        Assert.Equal((1, 1, 0, VerificationPlan.For(1, Lambda).Copies), (records[0].Begun, records[0].Aborted, records[0].Missed, records[0].Unanswered));
    }

    static ScriptedAsking Asking(string server, CancellationTokenSource? death = null)
    {
        string? lost = null;
        bool lied = false;
        return new ScriptedAsking((run, input) =>
        {
            if (run == 5)
            {
                death?.Cancel();
            }
            // One copy of one question, so that no sample speaks against the provider.
            bool isQuery = Funion.Inference.TensorCodec.TryParse(input)![0].ToFloats()[1] == 5;
            lost ??= server == "loses" && isQuery ? Convert.ToHexString(input.Span) : null;
            if (server == "loses" && lost == Convert.ToHexString(input.Span))
            {
                return null;
            }
            bool lies = server == "lies" && isQuery && !lied;
            lied |= lies;
            return lies ? Pools.Output(9, 9) : ScriptedAsking.Honest(input);
        });
    }

    static PendingQuery Query(string name, float value) => PendingQueries.New(name, Pools.Input(value, 5));

    static PendingQueries Store() => new(HomePending.Folder, Pools.Model, SampleForm.TwoParty);

    static IReadOnlyList<PendingQuery> Waiting()
    {
        Assert.Equal(PendingOutcome.Done, Store().TryRead(out IReadOnlyList<PendingQuery> waiting));
        return waiting;
    }

    static string SamplesFile()
    {
        string folder = Path.Combine(FunionHome.Path, "samples");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, "mine.samples");
    }

    static VerifiedRound NewRound(ScriptedAsking way, PendingQuery[] fresh, TextWriter data, bool isPending = true)
    {
        Output output = new(data, TextWriter.Null, json: true);
        VerifyOptions options = new(Lambda, 4, [], Later: false, isPending, Spread: false);
        File.WriteAllBytes(SamplesFile(), File.Exists(SamplesFile()) ? File.ReadAllBytes(SamplesFile()) : ScriptedAsking.Pool(120, 60).ToBytes());
        (HomeSamples? samples, int code) = HomeSamples.Find(output, way.Model, SampleForm.TwoParty, [], Path.Combine(FunionHome.Path, "network.json"));
        Assert.Equal(0, code);
        return new VerifiedRound(output, way, TimeSpan.FromSeconds(1), options, samples!, isPending ? new HomePending(output, Pools.Model, SampleForm.TwoParty) : null, fresh);
    }

    /// <summary>A process that does so many steps and dies; what it said, and what it asked.</summary>
    static async Task<(JsonNode? Said, ScriptedAsking Way)> RunAsync(ScriptedAsking way, PendingQuery[] fresh, int steps, CancellationToken death)
    {
        using StringWriter data = new();
        VerifiedRound round = NewRound(way, fresh, data);
        using IDisposable turn = Store().TryBeginRound()!;
        try
        {
            foreach (Func<CancellationToken, Task<int?>> step in round.Steps.Take(steps))
            {
                Assert.Null(await step(death));
            }
        }
        catch (OperationCanceledException)
        {
            // As a process ends that is killed.
        }
        return (data.ToString() is { Length: > 0 } said ? JsonNode.Parse(said) : null, way);
    }
}
