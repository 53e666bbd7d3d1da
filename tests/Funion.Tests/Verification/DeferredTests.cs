using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>Questions that are answered now and checked later, many at once, by the tool's own steps.</summary>
[Collection(nameof(FunionHome))]
public sealed class DeferredTests : IDisposable
{
    const int Questions = 64;

    readonly string _home = Directory.CreateTempSubdirectory("funion-deferred-").FullName;
    readonly string? _before = Environment.GetEnvironmentVariable(FunionHome.Variable);
    readonly VerifyOptions _options = new(20, 10, [], Later: true, Pending: false, Spread: false);

    public DeferredTests()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _home);
        Directory.CreateDirectory(Path.Combine(_home, "samples"));
        File.WriteAllBytes(Path.Combine(_home, "samples", "mine.samples"), ScriptedAsking.Pool(20, 20, from: 1_000).ToBytes());
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _before);
        Directory.Delete(_home, recursive: true);
    }

    /// <summary>One run each at once, four and a fraction more for the check; one answer that was wrong at once, and all are worth nothing.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sixty_four_questions_answered_now_are_confirmed_for_four_runs_each_or_refused_together(bool lies)
    {
        for (int i = 0; i < Questions; i++)
        {
            ScriptedAsking now = new((_, input) => lies && i == 40 ? Pools.Output(0, 0) : ScriptedAsking.Honest(input));
            JsonNode said = await SayAsync(output => AnsweredNow.RunAsync(
                new AskingRequest { Output = output, Model = "doubler" }, _options, now, TimeSpan.FromSeconds(1), Samples(output, now), Pending(output),
                PendingQueries.New($"{i}", Pools.Input(i, 5)), default));
            Assert.Equal((false, i + 1, 1), ((bool)said["verified"]!, (int)said["pending"]!, now.Asked.Count));
        }
        ScriptedAsking later = new((_, input) => ScriptedAsking.Honest(input));
        JsonNode round = await SayAsync(output => new VerifiedRound(
            output, later, TimeSpan.FromSeconds(1), _options with { Later = false, Pending = true }, Samples(output, later), Pending(output), []).RunAsync(default));
        VerificationPlan plan = VerificationPlan.For(Questions, 20);
        Assert.Equal((259, 259 + 10), (plan.Runs, later.Asked.Count));
        Assert.Equal(lies ? (0, Questions) : (Questions, 0), (round["answers"]!.AsArray().Count, round["refused"]!.AsArray().Count));
        Assert.Equal(lies ? 6 : null, (int?)round["error"]?["code"]);
        Assert.Equal(PendingOutcome.Done, Pending(null!).Store.TryRead(out IReadOnlyList<PendingQuery> waiting));
        Assert.Equal(lies ? Questions : 0, waiting.Count(query => query is { State: PendingState.Open, Answer.Length: 0, Attempts: 1 }));
    }

    static HomePending Pending(Output output) => new(output, Pools.Model, SampleForm.TwoParty);

    HomeSamples Samples(Output output, ScriptedAsking way) => HomeSamples.Find(output, way.Model, SampleForm.TwoParty, [], Path.Combine(_home, "network.json")).Samples!;

    static async Task<JsonNode> SayAsync(Func<Output, Task<int>> act)
    {
        using StringWriter data = new();
        await act(new Output(data, TextWriter.Null, json: true));
        return JsonNode.Parse(data.ToString())!;
    }
}
