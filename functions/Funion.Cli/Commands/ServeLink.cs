using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Cli.Console;
using Funion.Oip;
using Funion.Client;
using Funion.Inference;
using Funion.Network;

namespace Funion.Cli.Commands;

/// <summary>
/// A <c>funion serve</c> that runs on this machine, found by the file it leaves in the user's folder (readable by the user only). Going through it hides
/// when one asks: its traffic is the same whether anybody does.
/// </summary>
sealed class ServeLink : IDisposable
{
    const string TokenHeader = "X-Funion-Token";

    readonly HttpClient _http;

    ServeLink(Uri address, string token)
    {
        Address = address;
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Add(TokenHeader, token);
    }

    public Uri Address { get; }

    static string FilePath => Path.Combine(FunionHome.Path, "serve.json");

    /// <summary>Leaves the file; deletes it when disposed.</summary>
    public static IDisposable Announce(Uri address, string token)
    {
        Directory.CreateDirectory(FunionHome.Path);
        string text = new JsonObject { ["address"] = address.ToString(), ["token"] = token }.ToJsonString();
        File.Delete(FilePath);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (FileStream file = new(FilePath, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        return new Announcement(text);
    }

    /// <summary>The running one, or null when there is none or it does not answer.</summary>
    public static async Task<ServeLink?> FindAsync(CancellationToken cancellation)
    {
        try
        {
            JsonNode? file = JsonNode.Parse(await File.ReadAllTextAsync(FilePath, cancellation));
            if (file?["address"]?.GetValue<string>() is not { } address || file["token"]?.GetValue<string>() is not { } token
                || !Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || !uri.IsLoopback)
            {
                return null;
            }
            ServeLink link = new(uri, token);
            using CancellationTokenSource quick = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            quick.CancelAfter(TimeSpan.FromSeconds(2));
            using HttpResponseMessage ready = await link._http.GetAsync("v2/health/live", quick.Token);
            return ready.IsSuccessStatusCode ? link : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or HttpRequestException
            or InvalidOperationException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return null;
        }
    }

    public async Task<JsonNode> StatusAsync(CancellationToken cancellation) =>
        (await _http.GetFromJsonAsync<JsonNode>("funion/v1/status", cancellation))!;

    /// <summary>What the network says of a model, and whether it is asked plainly; or null when it has none of that name.</summary>
    public async Task<(ModelEntry Model, bool IsPlain)?> FindModelAsync(string name, CancellationToken cancellation)
    {
        JsonArray models = (await StatusAsync(cancellation))["models"]!.AsArray();
        return models.FirstOrDefault(model => model!["name"]!.GetValue<string>() == name) is { } found
            ? (new ModelEntry
            {
                Name = name, Compute = new NodeId(Convert.FromHexString(found["compute"]!.GetValue<string>())), Sha256 = found["sha256"]!.GetValue<string>(), Batch = found["batch"]!.GetValue<int>(),
                InputBoxes = found["input_boxes"]!.GetValue<int>(), OutputBoxes = found["output_boxes"]!.GetValue<int>(),
                BucketsMilliseconds = [.. found["buckets_s"]!.AsArray().Select(bucket => (int)Math.Round(1000 * bucket!.GetValue<double>()))],
                Inputs = Specs(found["inputs"]!), Outputs = Specs(found["outputs"]!),
                Labels = [.. found["labels"]!.AsArray().Select(label => label!.GetValue<string>())],
            }, found["modes"] is not JsonArray modes || modes.Any(mode => mode!.GetValue<string>() == Asking.AskingRequest.Plain))
            : null;
    }

    /// <summary>Asks through the proxy, the tensors as binary.</summary>
    public async Task<IReadOnlyList<Tensor>> InferAsync(
        string model, IReadOnlyList<Tensor> tensors, TimeSpan bucket, CancellationToken cancellation)
    {
        JsonObject request = new()
        {
            ["parameters"] = new JsonObject { ["bucket"] = $"{bucket.TotalMilliseconds:F0}ms" },
            ["inputs"] = new JsonArray([.. tensors.Select(tensor => new JsonObject
            {
                ["name"] = tensor.Name, ["datatype"] = tensor.Datatype.Name(),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(dimension => JsonValue.Create(dimension))]),
                ["parameters"] = new JsonObject { ["binary_data_size"] = tensor.Data.Length },
            })]),
        };
        byte[] header = System.Text.Encoding.UTF8.GetBytes(request.ToJsonString());
        using ByteArrayContent body = new([.. header, .. tensors.SelectMany(tensor => tensor.Data.ToArray())]);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        body.Headers.Add("Inference-Header-Content-Length", header.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using HttpResponseMessage response = await SendAsync($"v2/models/{Uri.EscapeDataString(model)}/infer", body, cancellation);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        return OipRequest.TryParse(OutputsAsInputs(answer), out string problem)?.Inputs
            ?? throw new FunionException(FunionError.Damaged, $"The running serve's answer cannot be read: {problem}");
    }

    public async Task<(string Read, string Write)> PutAsync(byte[] content, bool copy, CancellationToken cancellation)
    {
        using ByteArrayContent body = new(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using HttpResponseMessage response = await SendAsync(copy ? "funion/v1/put?copy=true" : "funion/v1/put", body, cancellation);
        JsonNode answer = (await response.Content.ReadFromJsonAsync<JsonNode>(cancellation))!;
        return (answer["read"]!.GetValue<string>(), answer["write"]!.GetValue<string>());
    }

    public async Task<byte[]> GetAsync(string capability, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendAsync("funion/v1/get", Json(new JsonObject { ["capability"] = capability }), cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    public async Task DeleteAsync(string capability, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await SendAsync("funion/v1/delete", Json(new JsonObject { ["capability"] = capability }), cancellation);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A response's outputs have the form of a request's inputs: one reader serves both.</summary>
    static byte[] OutputsAsInputs(byte[] response)
    {
        JsonNode outputs = JsonNode.Parse(response)!["outputs"]!.DeepClone();
        return System.Text.Encoding.UTF8.GetBytes(new JsonObject { ["inputs"] = outputs }.ToJsonString());
    }

    static TensorSpec[] Specs(JsonNode specs) => [.. specs.AsArray().Select(spec => new TensorSpec(
        spec!["name"]!.GetValue<string>(), spec["datatype"]!.GetValue<string>(),
        [.. spec["shape"]!.AsArray().Select(dimension => dimension!.GetValue<long>())]))];

    static StringContent Json(JsonObject value) => new(value.ToJsonString(), System.Text.Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    async Task<HttpResponseMessage> SendAsync(string route, HttpContent body, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.PostAsync(route, body, cancellation);
        }
        catch (HttpRequestException error)
        {
            throw new FunionException(FunionError.Unreachable, "The running serve does not answer.", error);
        }
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        string text = await response.Content.ReadAsStringAsync(cancellation);
        FunionError kind = (int)response.StatusCode switch { 404 => FunionError.NotFound, 504 => FunionError.TimedOut, 503 => FunionError.Unreachable, _ => FunionError.Refused };
        response.Dispose();
        throw new FunionException(kind, SentenceOf(text));
    }

    static string SentenceOf(string text)
    {
        try
        {
            return JsonNode.Parse(text)?["error"]?.GetValue<string>() ?? "The running serve refused.";
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return "The running serve refused.";
        }
    }

    sealed class Announcement(string text) : IDisposable
    {
        public void Dispose()
        {
            try
            {
                // Another serve may have taken the place.
                if (File.ReadAllText(FilePath) == text)
                {
                    File.Delete(FilePath);
                }
            }
            catch (IOException)
            {
            }
        }
    }

    /// <summary>A token that only this user's tools can read.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
