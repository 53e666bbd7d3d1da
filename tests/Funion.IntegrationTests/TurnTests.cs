using System.Text.Json.Nodes;
using Funion.Cli.LocalNetwork;
using Funion.Client;
using Funion.Inference;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;

namespace Funion.IntegrationTests;

/// <summary>A running network comes to the end of an epoch: new keys, a new document, and a question under way is answered.</summary>
public sealed class TurnTests
{
    [Fact]
    public async Task A_running_network_turns_its_keys_under_a_question()
    {
        NetworkDocument shape = new()
        {
            Name = "shape", Version = 1, Epoch = 0, ValidAfter = default, ValidUntil = default, Geometry = new GeometryParameters(2_000), Nodes = [],
            Authorities = new AuthoritySet(1, []),
        };
        LocalHostOptions options = new()
        {
            Listen = new Uri("http://127.0.0.1:0"), Buckets = [TimeSpan.FromSeconds(1)], MeanDelay = TimeSpan.FromMilliseconds(20), Rate = 20_000,
        };
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(3));
        (LocalHost started, TimeProvider clock) = await StartBeforeTurnAsync(options, shape, deadline.Token);
        await using LocalHost host = started;
        SignedNetworkDocument before = host.Signed;
        TaskCompletionSource<SignedNetworkDocument> turned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Turned += signed => turned.TrySetResult(signed);
        await using FunionSession session = new(before.Document, new SessionOptions { Pin = host.Trusted, Clock = clock });
        ModelEntry model = before.Document.Model(DigitModel.Name)!;
        Tensor picture = PictureInput.TryFit(Png.TryRead(DigitModel.SamplePicture(), out _)!, model.Inputs[0], out _)!;
        int answers = 0;
        while (!turned.Task.IsCompleted || answers == 0)
        {
            InferenceAnswer answer = await session.Client.InferAsync(model.Name, [picture], TimeSpan.FromSeconds(1), null, null, deadline.Token);
            float[] direct = host.Models[DigitModel.Name].RunDirect([picture])[0].ToFloats();
            Assert.All(direct.Zip(answer.Tensors![0].ToFloats()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
            answers++;
        }
        NetworkDocument after = (await turned.Task).Document;
        Assert.Equal((before.Document.Version + 1, before.Document.Epoch + 1), (after.Version, after.Epoch));
        using HttpClient http = new() { BaseAddress = host.Gateway };
        byte[] served = await http.GetByteArrayAsync("/v1/network", deadline.Token);
        DocumentVerdict verdict = new NetworkTrust(host.Trusted).Check(
            served, clock.GetUtcNow(), KnownDocument.Of(before.Document), out NetworkDocument? accepted);
        Assert.Equal((DocumentVerdict.Accepted, after.Version), (verdict, accepted!.Version));
        Assert.Equal(7, JsonNode.Parse(await http.GetStringAsync("/v1/loops", deadline.Token))!.AsArray().Count);
        Assert.False(host.Running.IsCompleted);
    }

    /// <summary>A host on a clock set so that an epoch ends soon after the start; a start that was slower than that is tried again with more time.</summary>
    static async Task<(LocalHost Host, TimeProvider Clock)> StartBeforeTurnAsync(
        LocalHostOptions options, NetworkDocument shape, CancellationToken cancellation)
    {
        for (TimeSpan lead = TimeSpan.FromSeconds(3); ; lead *= 3)
        {
            DateTimeOffset now = DateTimeOffset.UtcNow, turn = shape.EpochStart(shape.EpochAt(now) + 1);
            ShiftedTime clock = new(turn - now - lead);
            LocalHost host = await LocalHost.StartAsync(options, cancellation, clock);
            if (clock.GetUtcNow() < turn - TimeSpan.FromSeconds(1))
            {
                return (host, clock);
            }
            await host.DisposeAsync();
        }
    }

    sealed class ShiftedTime(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
    }
}
