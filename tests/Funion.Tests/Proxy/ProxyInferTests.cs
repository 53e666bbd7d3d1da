using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Funion.Cli.Proxy;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Oip;

namespace Funion.Tests.Proxy;

public sealed class ProxyInferTests
{
    const string PairJson = """
        {"inputs":[{"name":"b","datatype":"FP16","shape":[2],"parameters":{"binary_data_size":4}},
                   {"name":"a","datatype":"INT64","shape":[2],"data":[4503599627370497,-3]}],
         "outputs":[{"name":"b","parameters":{"binary_data":true}},{"name":"a"}]}
        """;

    public static TheoryData<FunionError, HttpStatusCode> Errors => new()
    {
        { FunionError.NoSuchModel, HttpStatusCode.NotFound },
        { FunionError.BadInput, HttpStatusCode.BadRequest },
        { FunionError.TimedOut, HttpStatusCode.GatewayTimeout },
        { FunionError.Unreachable, HttpStatusCode.ServiceUnavailable },
        { FunionError.NotFound, HttpStatusCode.BadGateway },
        { FunionError.Damaged, HttpStatusCode.BadGateway },
        { FunionError.Refused, HttpStatusCode.BadGateway },
    };

    public static TheoryData<InferenceFailure, HttpStatusCode> Failures => new()
    {
        { InferenceFailure.Malformed, HttpStatusCode.BadRequest },
        { InferenceFailure.WrongInput, HttpStatusCode.BadRequest },
        { InferenceFailure.Oversized, HttpStatusCode.BadGateway },
        { InferenceFailure.Overrun, HttpStatusCode.GatewayTimeout },
        { InferenceFailure.ModelFailed, HttpStatusCode.BadGateway },
    };

    [Theory]
    [InlineData("/v2/models/digits/infer")]
    [InlineData("/v2/models/digits/versions/1/infer")]
    public async Task JSON_goes_in_and_comes_out_doubled(string path)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        using HttpResponseMessage response = await stage.InferAsync(ProxyStage.Image("""
            "id":"caller-7","parameters":{"bucket":"5s"},
            """), path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"model_name":"digits","model_version":"1","id":"caller-7","outputs":[{"name":"scores","datatype":"FP32","shape":[1,10],"data":[3,3,3,3,3,3,3,3,3,3]}]}""",
            await response.Content.ReadAsStringAsync());
        Assert.Equal([("digits", "image", TimeSpan.FromSeconds(5))], stage.Seen);
        Assert.False(response.Headers.Contains("Server"));
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task A_model_that_is_asked_through_its_enclave_only_is_refused_and_nothing_reaches_the_network()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync(handlers => handlers with
        {
            Inference = handlers.Inference with
            {
                Document = () =>
                {
                    NetworkDocument document = handlers.Inference.Document();
                    ModelEntry carrier = ProxyStage.Model with { Name = "carrier" };
                    return document with { Models = [ProxyStage.Model with { Enclave = new EnclaveEntry(carrier.Name, [1], [1]) }, carrier] };
                },
            },
        });
        using HttpResponseMessage response = await stage.InferAsync(ProxyStage.Image(), "/v2/models/digits/infer"), ready = await stage.Client.GetAsync(new Uri("/v2/models/digits/ready", UriKind.Relative));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.ServiceUnavailable), (response.StatusCode, ready.StatusCode));
        Assert.Contains("only asked with --mode enclave", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(stage.Seen);
    }

    [Fact]
    public async Task Binary_goes_in_and_comes_out_and_the_order_of_the_caller_stays_behind()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        using HttpResponseMessage response = await stage.PostAsync(
            "/v2/models/pair/infer",
            [.. Encoding.UTF8.GetBytes(PairJson), 0, 60, 0, 188],
            "application/octet-stream",
            (OipAnswer.JsonLengthHeader, $"{PairJson.Length}"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        int length = int.Parse(Assert.Single(response.Headers.GetValues(OipAnswer.JsonLengthHeader)));
        Assert.Equal([0, 60, 0, 188], body[length..]);
        Assert.Equal("[9007199254740994,-6]", JsonNode.Parse(body.AsSpan(0, length))!["outputs"]![1]!["data"]!.ToJsonString());
        Assert.Equal([("pair", "a,b", null)], stage.Seen);
    }

    [Fact]
    public async Task A_body_of_one_raw_tensor_needs_no_JSON()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        byte[] pixels = [.. Enumerable.Repeat(BitConverter.GetBytes(2f), 64).SelectMany(one => one)];
        using HttpResponseMessage response = await stage.PostAsync(
            "/v2/models/digits/infer", pixels, "application/octet-stream", (OipAnswer.JsonLengthHeader, "0"));
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(4f, BitConverter.ToSingle(body.AsSpan(^40..)));
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("""{"inputs":[{"name":"picture","datatype":"FP32","shape":[1],"data":[1]}]}""", "Input 'image' is missing")]
    [InlineData("""{"inputs":[{"name":"image","datatype":"FP64","shape":[1,1,1,1],"data":[1]}]}""", "Input 'image' is FP32 of shape [-1,1,8,8]")]
    [InlineData("""{"inputs":[{"name":"image","datatype":"FP32","shape":[1,1,1,1],"data":[1]}]}""", "Input 'image' is FP32 of shape [-1,1,8,8]")]
    public async Task Tensors_that_the_model_does_not_take_are_refused_here(string json, string sentence)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        Assert.Contains(sentence, await ProxyStage.RefusedAsync(HttpStatusCode.BadRequest, stage.InferAsync(json)), StringComparison.Ordinal);
        Assert.Empty(stage.Seen);
    }

    [Fact]
    public async Task Outputs_that_the_model_cannot_give_and_inputs_beyond_its_own_are_refused_here()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        string error = await ProxyStage.RefusedAsync(HttpStatusCode.BadRequest, stage.InferAsync(ProxyStage.Image(""" "outputs":[{"name":"z"}],""")));
        Assert.Contains("no output 'z'", error, StringComparison.Ordinal);
        error = await ProxyStage.RefusedAsync(HttpStatusCode.BadRequest, stage.InferAsync(ProxyStage.Image().Replace(
            "\"inputs\":[", """ "inputs":[{"name":"more","datatype":"UINT8","shape":[0],"data":[]},""", StringComparison.Ordinal)));
        Assert.Contains("no more inputs than 'image'.", error, StringComparison.Ordinal);
        byte[] asJson = [.. Encoding.UTF8.GetBytes(PairJson.Replace("true", "false", StringComparison.Ordinal)), 0, 60, 0, 188];
        error = await ProxyStage.RefusedAsync(HttpStatusCode.BadRequest, stage.PostAsync(
            "/v2/models/pair/infer", asJson, "application/octet-stream", (OipAnswer.JsonLengthHeader, $"{PairJson.Length + 1}")));
        Assert.Contains("FP16", error, StringComparison.Ordinal);
        Assert.Empty(stage.Seen);
    }

    [Fact]
    public async Task Models_versions_and_buckets_that_are_not_offered_are_not_found()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync();
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.InferAsync(ProxyStage.Image(), "/v2/models/letters/infer"));
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.InferAsync(ProxyStage.Image(), "/v2/models/digits/versions/2/infer"));
        await ProxyStage.RefusedAsync(HttpStatusCode.NotFound, stage.InferAsync(ProxyStage.Image(""" "parameters":{"bucket":"7s"},""")));
        Assert.Empty(stage.Seen);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Every_error_of_the_client_has_its_status_and_keeps_its_message(FunionError error, HttpStatusCode status)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync(handlers => handlers with
        {
            Inference = handlers.Inference with { Infer = (_, _, _, _) => throw new FunionException(error, "replica-3 lost box 77") },
        });
        string sentence = await ProxyStage.RefusedAsync(status, stage.InferAsync(ProxyStage.Image()));
        Assert.DoesNotContain("replica-3", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_failure_of_the_compute_node_has_its_status(InferenceFailure failure, HttpStatusCode status)
    {
        await using ProxyStage stage = await ProxyStage.StartAsync(handlers => handlers with
        {
            Inference = handlers.Inference with { Infer = (_, _, _, _) => Task.FromResult(new InferenceAnswer(null, failure)) },
        });
        await ProxyStage.RefusedAsync(status, stage.InferAsync(ProxyStage.Image()));
    }

    [Fact]
    public async Task A_fault_of_the_proxy_shows_nothing_of_itself()
    {
        await using ProxyStage stage = await ProxyStage.StartAsync(handlers => handlers with
        {
            Inference = handlers.Inference with { Infer = (_, _, _, _) => throw new InvalidOperationException("secret") },
        });
        string sentence = await ProxyStage.RefusedAsync(HttpStatusCode.InternalServerError, stage.InferAsync(ProxyStage.Image()));
        Assert.Equal("The proxy failed.", sentence);
    }

    [Fact]
    public async Task The_deadline_ends_a_request_even_when_the_client_does_not()
    {
        TaskCompletionSource<InferenceAnswer> never = new();
        await using ProxyStage stage = await ProxyStage.StartAsync(handlers => handlers with
        {
            Inference = handlers.Inference with { Infer = (_, _, _, _) => never.Task },
            Deadline = TimeSpan.FromMilliseconds(20),
        });
        await ProxyStage.RefusedAsync(HttpStatusCode.GatewayTimeout, stage.InferAsync(ProxyStage.Image()));
    }
}
