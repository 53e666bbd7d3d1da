using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Cli.TwoParty;
using Funion.Cli.Verified;
using Funion.Client;
using Funion.Hosting.Ingress;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Serving;
using Funion.Verification;

namespace Funion.IntegrationTests.TwoParty;

/// <summary>Two-party inference on the direct channel: the tool, a running network, and those who mean no good.</summary>
[Collection(MemoryNetworkCollection.Name)]
public sealed class DirectProviderTests(MemoryNetworkFixture network)
{
    static readonly IntegerNetwork s_digits = PrivateModels.Digits();

    NetworkDocument Document => network.Host.Signed.Document;

    ModelEntry Model => Document.Model(DigitModel.Name)!;

    [Fact]
    public async Task An_answer_is_the_integer_networks_with_and_without_preparation()
    {
        string file = await PictureAsync("direct.png");
        (int code, JsonNode answer) = await RunAsync(Infer(file));
        Assert.True(code == 0, answer.ToJsonString());
        AssertAnswer(answer);
        Assert.Equal((0, 1), ((int)answer["material"]!["prepared"]!, (int)answer["material"]!["made"]!));
        int before = Kept();
        (code, JsonNode prepared) = await RunAsync("prepare", DigitModel.Name, "--count", "2", "--channel", "direct", "--network", network.Document);
        Assert.True(code == 0, prepared.ToJsonString());
        Assert.Equal((2, before + 2), ((int)prepared["prepared"]!, Kept()));
        (code, answer) = await RunAsync(Infer(file));
        Assert.True(code == 0, answer.ToJsonString());
        AssertAnswer(answer);
        Assert.Equal((1, 0, 0L), ((int)answer["material"]!["prepared"]!, (int)answer["material"]!["made"]!, (long)answer["bytes"]!["offline"]!));
        Assert.Equal(before + 1, Kept());
    }

    [Fact]
    public async Task A_client_that_is_killed_while_it_prepares_leaves_nothing_that_is_not_good_once()
    {
        using Process process = Start("prepare", DigitModel.Name, "--count", "1000", "--channel", "direct", "--network", network.Document);
        try
        {
            using CancellationTokenSource late = new(TimeSpan.FromMinutes(1));
            while (Kept() < 2)
            {
                Assert.False(process.HasExited);
                await Task.Delay(20, late.Token);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        string file = await PictureAsync("killed.png");
        int kept = Kept();
        (int code, JsonNode answer) = await RunAsync(Infer(file));
        Assert.True(code == 0, answer.ToJsonString());
        AssertAnswer(answer);
        Assert.Equal(kept - 1, Kept());
    }

    [Fact]
    public async Task A_provider_that_knows_no_material_hears_of_one()
    {
        (int code, JsonNode prepared) = await RunAsync("prepare", DigitModel.Name, "--count", "2", "--channel", "direct", "--network", network.Document);
        Assert.True(code == 0, prepared.ToJsonString());
        int kept = Kept();
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, Document.Epoch, 2);
        await using StandInProvider provider = await StandInProvider.StartAsync(keys, s_digits, DirectLimits.Default);
        NetworkDocument document = At(provider.Address, keys.Describe());
        AskingRequest request = new() { Output = new Output(TextWriter.Null, TextWriter.Null, json: true), Model = DigitModel.Name };
        await using DirectAsking asking = new(request, document, document.Models[0]);
        await asking.OpenAsync(TimeSpan.Zero, default);
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, Model.Inputs[0], out _)!;
        InferenceAnswer answer = await asking.AskAsync([picture], _ => { }, default);
        Assert.Equal(s_digits.Run(picture.ToFloats()), answer.Tensors![0].ToFloats());
        Assert.Equal(kept - 1, Kept());
    }

    [Fact]
    public async Task A_round_is_spread_over_providers_of_one_model_and_one_with_other_weights_is_known()
    {
        using NodeKeys honest = NodeKeys.Generate(NodeRole.Compute, 0, 0, Document.Epoch, 2), cheat = NodeKeys.Generate(NodeRole.Compute, 0, 0, Document.Epoch, 2);
        LinearLayer last = (LinearLayer)s_digits.Layers[^1];
        IntegerNetwork other = s_digits with { Layers = [.. s_digits.Layers.SkipLast(1), last with { Bias = [.. last.Bias!.Select(bias => bias + 1)] }] };
        await using StandInProvider one = await StandInProvider.StartAsync(honest, s_digits, DirectLimits.Default), two = await StandInProvider.StartAsync(cheat, other, DirectLimits.Default);
        NetworkDocument document = At(one.Address, honest.Describe()), beside = At(two.Address, cheat.Describe());
        document = document with { Nodes = [.. document.Nodes, beside.Nodes[^1]], Models = [.. document.Models, beside.Models[0]] };
        AskingRequest request = new() { Output = new Output(TextWriter.Null, TextWriter.Null, json: true), Model = DigitModel.Name };
        await using DirectAsking asking = new(request, document, document.Models[0]);
        await asking.OpenAsync(TimeSpan.Zero, default);
        Assert.Equal(document.Models, asking.SameModel);
        SamplePool pool = DigitSamples.Make(Model.Sha256, SampleForm.TwoParty, ExactRuns.Of(network.Host.Models[DigitModel.Name], DigitModel.Name), 12, 0);
        VerificationPlan plan = VerificationPlan.For(1, 5);
        VerifiedQuestion question = new()
        {
            Plan = plan, Queries = [pool.Certified[^1].Input], Integrity = [.. pool.Certified.Take(plan.Samples).Select(sample => (sample.Input, sample.Output, 0.0))], Providers = 2,
        };
        int[] asked = new int[2];
        VerifiedRuns runs = new(asking, asking.SameModel, _ => { });
        VerifiedAnswer answer = await MixAndCheck.RunAsync(question, (provider, input, cancellation) =>
        {
            // Both are asked for a sample, whatever the order is.
            int to = question.Integrity.Take(2).ToList().FindIndex(sample => sample.Input.Span.SequenceEqual(input.Span)) is var first and >= 0 ? first : provider;
            Interlocked.Increment(ref asked[to]);
            return runs.AskAsync(to, input, cancellation);
        }, default);
        Assert.Null(runs.Trouble);
        Assert.True(answer.Contradicted);
        Assert.Null(answer.Outputs);
        Assert.All(asked, count => Assert.True(count > 0));
        Assert.Equal(0, answer.Evidence.Sum(evidence => evidence.Unanswered));
        Assert.True(answer.Evidence.Sum(evidence => evidence.Missed) > 0);
    }

    [Fact]
    public async Task Whoever_answers_without_the_providers_key_is_found_out()
    {
        using NodeKeys others = NodeKeys.Generate(NodeRole.Compute, 0, 0, Document.Epoch, 2);
        await AssertRefusedAsync(FunionError.Damaged, others, s_digits);
    }

    [Fact]
    public async Task A_provider_with_another_architecture_than_it_promised_is_found_out()
    {
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, Document.Epoch, 2);
        await AssertRefusedAsync(FunionError.Damaged, keys, s_digits with { OutputScale = s_digits.OutputScale * 2 }, keys.Describe());
    }

    /// <summary>Into the answer to the upgrade, the proof, the architecture, the protocol's messages.</summary>
    [Theory]
    [InlineData(300, null)]
    [InlineData(2_000, FunionError.Damaged)]
    [InlineData(500_000, FunionError.Damaged)]
    public async Task A_line_that_somebody_changes_is_found_out(long at, FunionError? expected)
    {
        await using ChangingProxy proxy = new(network.Host.Gateway, at);
        FunionException problem = await Assert.ThrowsAsync<FunionException>(async () =>
        {
            await using DirectLine line = await DirectLine.OpenAsync(At(proxy.Address), Model, default);
            (ProtocolOutcome outcome, ClientMaterial? material) = await line.Client.PrepareAsync(line.Channel, TransferKind.SoftSpoken);
            Assert.Null(material);
            throw line.Problem(outcome);
        });
        Assert.Equal(expected ?? problem.Error, problem.Error);
    }

    [Fact]
    public async Task Who_speaks_no_WebSocket_or_comes_from_a_web_page_is_answered_with_a_problem()
    {
        using HttpClient http = new();
        Uri route = new(network.Host.Gateway, TwoPartyRoute.Path);
        using HttpResponseMessage plain = await http.GetAsync(route);
        Assert.Equal((HttpStatusCode.UpgradeRequired, "application/problem+json"), (plain.StatusCode, plain.Content.Headers.ContentType?.MediaType));
        using HttpResponseMessage post = await http.PostAsync(route, null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        using ClientWebSocket page = new();
        page.Options.SetRequestHeader("Origin", "https://example.org");
        page.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => page.ConnectAsync(new UriBuilder(route) { Scheme = "ws" }.Uri, default));
        Assert.Equal(HttpStatusCode.Forbidden, page.HttpStatusCode);
    }

    [Fact]
    public async Task An_address_with_all_its_places_taken_is_told_and_is_served_when_one_is_free()
    {
        // A provider of its own, so that no other test waits for a place.
        using NodeKeys keys = NodeKeys.Generate(NodeRole.Compute, 0, 0, Document.Epoch, 2);
        await using StandInProvider provider = await StandInProvider.StartAsync(keys, s_digits, DirectLimits.Default with { PartySessions = 2 });
        NetworkDocument document = At(provider.Address, keys.Describe());
        DirectLine first = await DirectLine.OpenAsync(document, document.Models[0], default);
        await using DirectLine second = await DirectLine.OpenAsync(document, document.Models[0], default);
        FunionException full = await Assert.ThrowsAsync<FunionException>(() => DirectLine.OpenAsync(document, document.Models[0], default));
        Assert.Equal(FunionError.Refused, full.Error);
        await first.DisposeAsync();
        using CancellationTokenSource late = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                await (await DirectLine.OpenAsync(document, document.Models[0], late.Token)).DisposeAsync();
                return;
            }
            catch (FunionException still) when (still.Error == FunionError.Refused)
            {
                await Task.Delay(20, late.Token);
            }
        }
    }

    async Task AssertRefusedAsync(FunionError expected, NodeKeys keys, IntegerNetwork served, NodeDescriptor? node = null)
    {
        await using StandInProvider provider = await StandInProvider.StartAsync(keys, served, DirectLimits.Default);
        NetworkDocument document = At(provider.Address, node);
        FunionException problem = await Assert.ThrowsAsync<FunionException>(() => DirectLine.OpenAsync(document, document.Models[0], default));
        Assert.Equal(expected, problem.Error);
    }

    /// <summary>The document, with compute elsewhere, perhaps another node.</summary>
    NetworkDocument At(Uri address, NodeDescriptor? node = null)
    {
        NodeDescriptor compute = (node ?? Document.Computes[0]) with { Address = address.ToString() };
        return Document with
        {
            Nodes = [.. Document.Nodes.Where(other => other.Role != NodeRole.Compute), compute], Models = [Model with { Compute = compute.Id }],
        };
    }

    string[] Infer(string file) => ["infer", DigitModel.Name, file, "--mode", "two-party", "--channel", "direct", "--network", network.Document];

    int Kept()
    {
        string folder = Path.Combine(FunionHome.FolderOf(Document, "two-party"), "direct");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.material").Length : 0;
    }

    async Task<string> PictureAsync(string name)
    {
        string path = Path.Combine(network.Folder, name);
        await File.WriteAllBytesAsync(path, DigitModel.SamplePicture());
        return path;
    }

    void AssertAnswer(JsonNode answer)
    {
        Assert.Equal("7", (string?)answer["label"]);
        float[] picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, Model.Inputs[0], out _)!.ToFloats();
        Assert.Equal(s_digits.Run(picture), answer["outputs"]![0]!["data"]!.AsArray().Select(value => (float)value!));
    }

    static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])[typeof(FunionRoot).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }
        return Process.Start(start)!;
    }

    static async Task<(int Code, JsonNode Answer)> RunAsync(params string[] arguments)
    {
        using StringWriter data = new(), messages = new();
        int code = await Invocation.RunAsync(FunionRoot.Create(), [.. arguments, "--json"], data, messages);
        return (code, JsonNode.Parse(data.ToString())!);
    }
}
