using System.Net;
using Funion.Cli.Console;
using Funion.Cli.Network;
using Funion.Network;
using Funion.Tests.Network;

namespace Funion.Tests.Cli;

/// <summary>What a client believes of gateways that are hostile, one at a time or both.</summary>
[Collection(nameof(FunionHome))]
public sealed class NetworkSourceTests : IDisposable
{
    const string First = "http://first.example";
    const string Second = "http://second.example";

    readonly string _folder = Directory.CreateTempSubdirectory("funion-source-").FullName;
    readonly string? _home = Environment.GetEnvironmentVariable(FunionHome.Variable);
    readonly Dictionary<string, byte[]> _gateways = [];
    readonly LocalNetworkPlan _plan = Networks.Plan(new LocalNetworkOptions { Gateways = 2, GatewayAddresses = [First, Second] });

    public NetworkSourceTests()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _folder);
        File.WriteAllBytes(Pin, _plan.Trusted.ToBytes());
        Show(First, _plan.Document);
        Show(Second, _plan.Document);
    }

    string Pin => Path.Combine(_folder, "pin");

    [Fact]
    public async Task An_honest_gateway_is_believed()
    {
        Assert.Equal(ExitCode.Ok, (await Open()).Code);
        Assert.Equal(_plan.Document.Hash(), (await Open()).Document!.Hash());
        Assert.Equal(_plan.Document.Hash(), TrustStore.Known("local")!.Hash);
    }

    [Fact]
    public async Task A_url_without_a_pin_is_refused_with_a_hint()
    {
        NetworkChoice choice = await Open(pin: null);
        Assert.Null(choice.Document);
        Assert.Equal(ExitCode.VerificationFailed, choice.Code);
        Assert.Contains("funion network trust", choice.Hint, StringComparison.Ordinal);
        TrustStore.Save(_plan.Trusted);
        Assert.NotNull((await Open(pin: null)).Document);
    }

    [Fact]
    public async Task A_rollback_is_refused_but_not_the_next_version()
    {
        NetworkDocument next = _plan.Document with { Version = 2, Previous = _plan.Document.Hash() };
        Assert.NotNull((await Open()).Document);
        Show(First, next);
        Show(Second, next);
        Assert.Equal(2, (await Open()).Document!.Version);
        Show(First, _plan.Document);
        Assert.Equal(ExitCode.VerificationFailed, (await Open()).Code);
    }

    [Fact]
    public async Task A_document_for_one_client_is_noticed_at_the_second_gateway()
    {
        Show(First, _plan.Document with { SlackMilliseconds = 1 });
        NetworkChoice choice = await Open();
        Assert.Equal(ExitCode.VerificationFailed, choice.Code);
        Assert.Contains("another gateway", choice.Message, StringComparison.Ordinal);
        Assert.Null(TrustStore.Known("local"));
        _gateways.Remove(Second);
        Assert.NotNull((await Open()).Document);
    }

    [Fact]
    public async Task Forged_expired_oversized_and_absent_documents_are_refused()
    {
        using LocalNetworkPlan forged = Networks.Plan();
        _gateways[First] = forged.Sign().ToBytes();
        Assert.Equal(ExitCode.VerificationFailed, (await Open()).Code);
        Show(First, _plan.Document with { ValidUntil = Networks.Now });
        Assert.Equal(ExitCode.VerificationFailed, (await Open()).Code);
        _gateways[First] = new byte[CanonicalJson.MaxSize + 1];
        Assert.Equal(ExitCode.NetworkUnreachable, (await Open()).Code);
        _gateways.Remove(First);
        Assert.Equal(ExitCode.NetworkUnreachable, (await Open()).Code);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(FunionHome.Variable, _home);
        _plan.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    void Show(string gateway, NetworkDocument document) =>
        _gateways[gateway] = NetworkAuthority.Unsigned(document).AddSignature(_plan.Authority).ToBytes();

    async Task<NetworkChoice> Open(string? pin = "")
    {
        using Gateways handler = new(_gateways);
        using HttpClient http = new(handler);
        return await new NetworkSource(http, new Clock()).OpenAsync(First, pin is null ? null : Pin, CancellationToken.None);
    }

    sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Networks.Now;
    }

    sealed class Gateways(Dictionary<string, byte[]> documents) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("/v1/network", request.RequestUri!.AbsolutePath);
            return documents.TryGetValue(request.RequestUri.GetLeftPart(UriPartial.Authority), out byte[]? document)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(document) })
                : throw new HttpRequestException("down");
        }
    }
}
