using Funion.Client;
using Funion.Network;

namespace Funion.Tests.Client;

/// <summary>A sender's document stays current, and nobody but the authorities decides what it says.</summary>
public sealed class DocumentWatchTests : IDisposable
{
    static readonly LocalNetworkOptions s_options = new()
    {
        UserPayload = 2_000, Gateways = 2, GatewayAddresses = ["http://one.test", "http://two.test"],
    };

    readonly Stage _stage = new(options: s_options);
    readonly Dictionary<string, Func<byte[]>> _served = [];
    readonly NetworkDocument _first;
    readonly DocumentWatch _watch;

    public DocumentWatchTests()
    {
        _first = _stage.Plan.Document;
        Serve(_stage.Plan.Sign().ToBytes());
        _watch = new DocumentWatch(
            _stage.Client, new NetworkTrust(_stage.Plan.Trusted), (gateway, _) => _served.TryGetValue(gateway.Host, out Func<byte[]>? serve)
                ? Task.FromResult(serve())
                : throw new GatewayUnreachableException("Not there."), _stage.Time);
    }

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void A_newer_document_is_taken_over()
    {
        Look();
        Assert.Same(_first, _stage.Client.Document);
        Turn();
        Look();
        Assert.Equal(_first.Version + 1, _stage.Client.Document.Version);
        Assert.Equal(0, _watch.Refused);
    }

    [Fact]
    public void A_second_gateway_that_is_down_proves_nothing()
    {
        Turn();
        _served.Remove("two.test");
        Look();
        Assert.Equal(_first.Version + 1, _stage.Client.Document.Version);
    }

    [Fact]
    public void A_document_of_ones_own_is_not_taken_over()
    {
        byte[] first = _served["two.test"]();
        Turn();
        _served["two.test"] = () => first;
        Look();
        AssertRefused();
    }

    [Fact]
    public void Strangers_forgeries_rollbacks_and_noise_are_refused()
    {
        byte[] first = _served["one.test"]();
        Turn();
        byte[] second = _served["one.test"]();
        using LocalNetworkPlan stranger = LocalNetworkPlan.Create(s_options, _stage.Time.GetUtcNow());
        byte[] flipped = [.. second];
        flipped[flipped.Length / 2] ^= 1;
        int refused = 0;
        foreach (byte[] served in (byte[][])[stranger.Sign().ToBytes(), flipped, [], [1, 2, 3], second[..^1]])
        {
            Serve(served);
            Look();
            Assert.Same(_first, _stage.Client.Document);
            Assert.Equal(++refused, _watch.Refused);
        }
        Serve(second);
        Look();
        Assert.Equal(_first.Version + 1, _stage.Client.Document.Version);
        Serve(first);
        Look();
        Assert.Equal(_first.Version + 1, _stage.Client.Document.Version);
        Assert.Equal(++refused, _watch.Refused);
    }

    [Fact]
    public void A_gateway_that_is_down_is_asked_again_later()
    {
        _served.Clear();
        DateTimeOffset next = Look();
        Assert.True(next > _stage.Time.GetUtcNow());
        Assert.Same(_first, _stage.Client.Document);
        Assert.Equal(0, _watch.Refused);
    }

    void AssertRefused()
    {
        Assert.Same(_first, _stage.Client.Document);
        Assert.Equal(1, _watch.Refused);
    }

    /// <summary>The next epoch: every gateway serves its document.</summary>
    void Turn()
    {
        _stage.Time.AdvanceTo(_first.EpochStart(_first.Epoch + 1));
        Assert.True(_stage.Plan.Advance(_stage.Time.GetUtcNow()));
        Serve(_stage.Plan.Sign().ToBytes());
    }

    void Serve(byte[] document) => _served["one.test"] = _served["two.test"] = () => document;

    DateTimeOffset Look()
    {
        Task<DateTimeOffset> step = _watch.StepAsync(default).AsTask();
        Assert.True(step.IsCompletedSuccessfully);
        _stage.Step();
        return step.Result;
    }
}
