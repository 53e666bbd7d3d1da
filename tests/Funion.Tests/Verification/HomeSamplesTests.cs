using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Verification;

namespace Funion.Tests.Verification;

/// <summary>Which samples the tool finds, which it prefers, and whom it asks.</summary>
[Collection(nameof(FunionHome))]
public sealed class HomeSamplesTests : IDisposable
{
    readonly string _home = Directory.CreateTempSubdirectory("funion-samples-").FullName;
    readonly string? _before = Environment.GetEnvironmentVariable(FunionHome.Variable);
    readonly ScriptedAsking _way = new((_, input) => ScriptedAsking.Honest(input), hides: false, others: 2);
    readonly StringWriter _messages = new();

    public HomeSamplesTests()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _home);
        Directory.CreateDirectory(Path.Combine(_home, "samples"));
    }

    string Network => Path.Combine(_home, "network.json");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _before);
        Directory.Delete(_home, recursive: true);
        _messages.Dispose();
    }

    [Fact]
    public async Task The_users_own_samples_come_first_and_no_pool_loosens_another()
    {
        Write("network.json.doubler.samples", ScriptedAsking.Pool(20, 8, SampleForm.Plain, 500, new Tolerance(0.5, 100)) with { Promised = 0.5 });
        Write("samples/mine.samples", ScriptedAsking.Pool(6, 4, SampleForm.Plain, 100, new Tolerance(0.01, 0.25)) with { Promised = 0.95 });
        HomeSamples samples = Find();
        Assert.Equal(new Tolerance(0.01, 0.25), samples.Tolerance);
        (SampleDraw? draw, double promised, _) = await samples.DrawAsync(Output(), 5, 4, default);
        Assert.All(draw!.Certified, sample => Assert.Equal(0.25, sample.Slack));
        Assert.Equal(0.95, promised);
        Assert.Contains(samples.Pools[0].Digest.ToString(), _messages.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("beside", _messages.ToString(), StringComparison.Ordinal);
        // One is left of these; what lies beside the document helps out, with a slack of its own, and that is said. Labels are of one promise.
        (draw, promised, _) = await samples.DrawAsync(Output(), 5, 8, default);
        Assert.Contains("beside", _messages.ToString(), StringComparison.Ordinal);
        Assert.Contains(draw!.Certified, sample => sample.Slack == 100);
        Assert.Equal((8, 0.5), (draw.Labelled.Count, promised));
        Assert.Equal(new Tolerance(0.01, 0.25), samples.Tolerance);
        // A pool that states no noise does not take it from the user's own, and says nothing of what they bear.
        Write("network.json.doubler.samples", ScriptedAsking.Pool(20, 8, SampleForm.Plain, 700, new Tolerance(0, 0)) with { Promised = 0.5 });
        samples = Find();
        Assert.Equal(new Tolerance(0.01, 0.25), samples.Tolerance);
        Assert.Equal((null, 1), (await samples.DrawAsync(Output(), 5, 0, default)) is var (drawn, _, code) ? (drawn, code) : default);
    }

    /// <summary>Answers may be off by 2 ε, and two scores by that much each: half of the leads here are 218 or less.</summary>
    [Theory]
    [InlineData(54, true)]
    [InlineData(55, false)]
    public void Samples_with_which_most_labels_could_be_changed_unnoticed_are_not_drawn_from(double slack, bool isTaken)
    {
        SamplePool pool = ScriptedAsking.Pool(20, 0, SampleForm.Plain, 101, new Tolerance(0.01, slack));
        Write("samples/good.samples", ScriptedAsking.Pool(20, 8, SampleForm.Plain, 500));
        string loose = Write("samples/loose.samples", pool);
        Assert.Equal(!isTaken, pool.IsLoose);
        Assert.Equal(isTaken ? 2 : 1, Find().Pools.Count);
        (HomeSamples? named, int code) = HomeSamples.Find(Output(), _way.Model, SampleForm.Plain, [loose], Network);
        Assert.Equal((isTaken, isTaken ? 0 : 1), (named is not null, code));
        Assert.Equal(!isTaken, _messages.ToString().Contains("could be changed unnoticed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Held_out_samples_alone_are_joined_by_certified_ones_from_where_they_lie()
    {
        string mine = Write("mine.samples", ScriptedAsking.Pool(0, 5, SampleForm.Plain, 300) with { Promised = 0.9 });
        (HomeSamples? none, int code) = HomeSamples.Find(Output(), _way.Model, SampleForm.Plain, [mine], Network);
        Assert.Equal((null, 1), (none, code));
        Write("network.json.doubler.samples", ScriptedAsking.Pool(20, 8, SampleForm.Plain, 500) with { Promised = 0.5 });
        HomeSamples samples = Find(mine);
        (SampleDraw? draw, double promised, _) = await samples.DrawAsync(Output(), 5, 8, default);
        Assert.Equal((5, 5, 0.9), (draw!.Certified.Count, draw.Labelled.Count, promised));
        // Others' shapes are left out, not taken for damage.
        Write("samples/odd.samples", new SamplePool { Model = Pools.Model, Form = SampleForm.Plain, Certified = [(Pools.Input(1, 2, 3), Pools.Output(1))] });
        Assert.Equal(2, Find(mine).Pools.Count);
        Assert.Contains("odd.samples has inputs of another shape", _messages.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    public async Task A_readable_question_goes_to_one_provider_unless_it_is_to_be_spread(bool spread, int providers)
    {
        Write("samples/mine.samples", ScriptedAsking.Pool(120, 0, SampleForm.Plain));
        VerifyOptions options = new(20, 0, [], Later: false, Pending: false, spread);
        VerifiedRound round = new(Output(), _way, TimeSpan.FromSeconds(1), options, Find(), null, [PendingQueries.New("one", Pools.Input(1, 5))]);
        Assert.Equal(0, await round.RunAsync(default));
        Assert.Equal(providers, _way.Asked.Select(run => run.Provider).Distinct().Count());
        Assert.True(spread || _way.Asked.All(run => run.Provider == _way.Model.Compute));
    }

    [Fact]
    public async Task What_was_found_to_be_a_substitute_is_not_asked_until_it_is_forgotten()
    {
        Write("samples/mine.samples", ScriptedAsking.Pool(120, 0, SampleForm.Plain));
        Bytes32 provider = new(_way.Model.Compute.AsSpan());
        Assert.False(await HomeLedger.SubstituteAsync(Output(), _way.Model, default));
        new ProviderLedger(HomeLedger.Folder).TryRecord(Pools.Model, [(provider, new ProviderEvidence(60, 0, 0, 0, 50, 10))], true, 0.99);
        Assert.True(await HomeLedger.SubstituteAsync(Output(), _way.Model, default));
        VerifyOptions options = new(5, 0, [], Later: false, Pending: false, Spread: false);
        VerifiedRound round = new(Output(), _way, TimeSpan.FromSeconds(1), options, Find(), null, [PendingQueries.New("one", Pools.Input(1, 5))]);
        Assert.Equal((int)ExitCode.VerificationFailed, await round.RunAsync(default));
        Assert.Empty(_way.Asked);
        Assert.Equal(2, await Tool("providers", "--forget", "0101"));
        Assert.Equal(2, await Tool("providers", "--forget", "0202020202"));
        Assert.Equal(0, await Tool("providers", "--forget", "0101010101"));
        Assert.False(await HomeLedger.SubstituteAsync(Output(), _way.Model, default));
    }

    [Fact]
    public async Task What_waits_is_listed_and_given_up_by_name()
    {
        PendingQueries store = new(HomePending.Folder, Pools.Model, SampleForm.Plain);
        Assert.Equal(PendingOutcome.Done, store.TryChange(_ => [PendingQueries.New("one.png", Pools.Input(1, 5)), PendingQueries.New("two.png", Pools.Input(2, 5))], out _));
        Assert.Equal(0, await Tool("pending"));
        Assert.Equal(2, await Tool("pending", "--forget", "three.png"));
        Assert.Equal(0, await Tool("pending", "--forget", "one.png"));
        Assert.Equal(PendingOutcome.Done, store.TryRead(out IReadOnlyList<PendingQuery> waiting));
        Assert.Equal("two.png", Assert.Single(waiting).Name);
        // Of two with one name neither is given up, but by its id.
        Assert.Equal(PendingOutcome.Done, store.TryChange(there => [.. there, PendingQueries.New("two.png", Pools.Input(3, 5))], out waiting));
        Assert.Equal(2, await Tool("pending", "--forget", "two.png"));
        Assert.Equal(0, await Tool("pending", "--forget", waiting[1].Id[..16]));
        Assert.Equal(PendingOutcome.Done, store.TryRead(out waiting));
        Assert.Single(waiting);
        Assert.Equal(2, await Tool("pending", "--forget"));
        Assert.Equal(0, await Tool("pending", "--forget", "all"));
        Assert.Equal(PendingOutcome.Done, store.TryRead(out waiting));
        Assert.Empty(waiting);
    }

    /// <summary>A deadline, a Ctrl-C, a network that goes: one value, which names what is not known.</summary>
    [Fact]
    public async Task A_round_that_is_cut_off_is_one_value_that_names_its_questions()
    {
        Write("samples/mine.samples", ScriptedAsking.Pool(120, 0, SampleForm.Plain));
        using StringWriter data = new();
        Output output = new(data, _messages, json: true);
        using CancellationTokenSource late = new();
        ScriptedAsking way = new((run, input) => run == 3 ? throw new OperationCanceledException() : ScriptedAsking.Honest(input), hides: false);
        (HomeSamples? samples, _) = HomeSamples.Find(Output(), way.Model, SampleForm.Plain, [], Network);
        VerifiedRound round = new(
            output, way, TimeSpan.FromSeconds(1), new VerifyOptions(5, 0, [], Later: false, Pending: false, Spread: false), samples!, null, [PendingQueries.New("one.png", Pools.Input(1, 5))]);
        int code = await ClientErrors.RunAsync(output, TimeSpan.FromMinutes(5), async token =>
        {
            await late.CancelAsync();
            return await round.RunAsync(token);
        }, late.Token);
        JsonNode said = JsonNode.Parse(data.ToString())!;
        Assert.Equal((130, 130, "one.png"), (code, (int)said["error"]!["code"]!, (string?)said["incomplete"]![0]));
        // And a round of nothing, which a timer may ask for each night, is no failure.
        data.GetStringBuilder().Clear();
        HomePending pending = new(output, Pools.Model, SampleForm.Plain);
        Assert.Equal(0, await new VerifiedRound(
            output, way, TimeSpan.FromSeconds(1), new VerifyOptions(5, 0, [], Later: false, Pending: true, Spread: false), samples!, pending, []).RunAsync(default));
        Assert.Empty(JsonNode.Parse(data.ToString())!["answers"]!.AsArray());
    }

    [Fact]
    public void The_command_that_checks_what_waits_asks_as_the_question_was_asked()
    {
        VerifyOptions options = new(20, 0, ["a b.samples"], Later: true, Pending: false, Spread: false);
        AskingRequest request = new() { Output = Output(), Model = "digits", Mode = "two-party", Channel = "direct", Network = "n.json" };
        Assert.Equal("funion infer digits --verify 20 --pending --mode two-party --channel direct --network n.json --samples 'a b.samples'", options.Again(request));
        Assert.Equal("funion infer digits --verify 7 --pending", (options with { Lambda = 7, Pools = [] }).Again(new AskingRequest { Output = Output(), Model = "digits" }));
    }

    Output Output() => new(TextWriter.Null, _messages, json: false);

    HomeSamples Find(params string[] named)
    {
        (HomeSamples? samples, int code) = HomeSamples.Find(Output(), _way.Model, SampleForm.Plain, named, Network);
        Assert.Equal(0, code);
        return samples!;
    }

    static Task<int> Tool(params string[] arguments) => Invocation.RunAsync(FunionRoot.Create(), arguments, TextWriter.Null, TextWriter.Null);

    string Write(string name, SamplePool pool)
    {
        string path = Path.Combine(_home, name);
        File.WriteAllBytes(path, pool.ToBytes());
        return path;
    }
}
