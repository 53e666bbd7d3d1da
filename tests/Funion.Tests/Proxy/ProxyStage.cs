using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Funion.Cli.Proxy;
using Funion.Inference;
using Funion.Network;
using Funion.Oip;
using Funion.Tests.Network;

namespace Funion.Tests.Proxy;

/// <summary>A proxy on a free loopback port, in front of a network whose models double their inputs.</summary>
sealed class ProxyStage : IAsyncDisposable
{
    public const string Token = "0123456789abcdef";

    readonly ProxyServer _server;

    ProxyStage(ProxyServer server) => _server = server;

    /// <summary>What reached the network: model, names of tensors, bucket.</summary>
    public List<(string Model, string Inputs, TimeSpan? Bucket)> Seen { get; private init; } = [];

    public HttpClient Client { get; private init; } = new();

    /// <summary>What is behind the proxy's protocol routes.</summary>
    public required OipBackend Backend { get; init; }

    public int Port => _server.Address.Port;

    public static ModelEntry Model { get; } = Networks.Model();

    public static ModelEntry Pair { get; } = Networks.Model("pair") with
    {
        Inputs = [new TensorSpec("a", "INT64", [-1]), new TensorSpec("b", "FP16", [2])],
        Outputs = [new TensorSpec("a", "INT64", [-1]), new TensorSpec("b", "FP16", [2])],
    };

    public static async Task<ProxyStage> StartAsync(Func<ProxyHandlers, ProxyHandlers>? change = null)
    {
        List<(string, string, TimeSpan?)> seen = [];
        using LocalNetworkPlan plan = Networks.Plan();
        NetworkDocument document = plan.Document with { Models = [Model, Pair] };
        OipBackend backend = new(
            () => document,
            () => true,
            (model, tensors, bucket, _) =>
            {
                seen.Add((model, string.Join(',', tensors.Select(tensor => tensor.Name)), bucket));
                return Task.FromResult(new InferenceAnswer([.. tensors.Select(Double)], null));
            });
        ProxyHandlers handlers = new(backend, TimeSpan.FromMinutes(5));
        handlers = change?.Invoke(handlers) ?? handlers;
        ProxyServer server = await ProxyServer.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), handlers, Token, CancellationToken.None);
        return new ProxyStage(server) { Seen = seen, Backend = handlers.Inference, Client = new HttpClient { BaseAddress = server.Address } };
    }

    /// <summary>An infer request for 64 pixels, each 1.5.</summary>
    public static string Image(string more = "") =>
        $$"""{{{more}}"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,8,8],"data":[{{string.Join(',', Enumerable.Repeat("1.5", 64))}}]}]}""";

    public Task<HttpResponseMessage> InferAsync(string json, string path = "/v2/models/digits/infer") =>
        PostAsync(path, Encoding.UTF8.GetBytes(json), "application/json");

    public Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? type, params (string Name, string Value)[] headers)
    {
        ByteArrayContent content = new(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return SendAsync(HttpMethod.Post, path, content, headers);
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        foreach ((string name, string value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || content!.Headers.TryAddWithoutValidation(name, value));
        }
        return await Client.SendAsync(request);
    }

    /// <summary>Checks the status and that the body is {"error":"sentence"}; gives the sentence.</summary>
    public static async Task<string> RefusedAsync(HttpStatusCode status, Task<HttpResponseMessage> sent)
    {
        using HttpResponseMessage response = await sent;
        string body = await response.Content.ReadAsStringAsync();
        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        JsonObject json = JsonNode.Parse(body)!.AsObject();
        Assert.Equal(["error"], json.Select(pair => pair.Key));
        return (string)json["error"]!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }

    // Floats and integers doubled; halves as they are.
    static Tensor Double(Tensor tensor) => tensor.Datatype switch
    {
        Datatype.FP32 => Tensor.Of("scores", [1, 10], tensor.ToFloats()[..10].Select(value => value * 2).ToArray()),
        Datatype.Int64 => Tensor.TryCreate(tensor.Name, tensor.Datatype, [.. tensor.Shape], tensor.Data.ToArray().Chunk(8)
            .SelectMany(one => BitConverter.GetBytes(BitConverter.ToInt64(one) * 2)).ToArray())!,
        _ => tensor,
    };
}
