using System.Text;
using System.Text.Json.Nodes;
using Funion.Oip;
using Funion.Inference;
using Funion.Network;
using Funion.Tests.Network;

namespace Funion.Tests.Oip;

public sealed class OipRequestTests
{
    const string Good = """
        {"id":"a1","parameters":{"bucket":"5s"},"inputs":[
        {"name":"x","shape":[2,2],"datatype":"FP32","data":[[1.5,-2],[3e2,0]]},
        {"name":"y","shape":[3],"datatype":"INT64","data":[9223372036854775807,-9223372036854775808,9007199254740993]}],
        "outputs":[{"name":"z","parameters":{"binary_data":true}},{"name":"w"}]}
        """;

    public static TheoryData<string, string, string> Values => new()
    {
        { "BOOL", "true,false", "0100" },
        { "UINT8", "0,255", "00FF" },
        { "INT8", "-128,127", "807F" },
        { "UINT16", "65535,1", "FFFF0100" },
        { "INT16", "-32768,1", "00800100" },
        { "UINT32", "4294967295,1", "FFFFFFFF01000000" },
        { "INT32", "-2147483648,1", "0000008001000000" },
        { "UINT64", "18446744073709551615,9007199254740993", "FFFFFFFFFFFFFFFF0100000000002000" },
        { "INT64", "-9223372036854775808,9007199254740993", "00000000000000800100000000002000" },
        { "FP32", "1.5,-0.1", "0000C03FCDCCCCBD" },
        { "FP64", "1.5,-0.1", "000000000000F83F9A9999999999B9BF" },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { "[]", "not a JSON object" },
        { "{", "not JSON" },
        { """{"inputs":[],"inputs":[]}""", "not JSON" },
        { """{"id":"\ud800","inputs":[]}""", "not JSON" },
        { new string('[', 100) + new string(']', 100), "not JSON" },
        { """{"id":7,"inputs":[]}""", "'id'" },
        { """{"inputs":[]}""", "'inputs'" },
        { """{"parameters":{"bucket":5},"inputs":[]}""", "'bucket'" },
        { """{"parameters":{"bucket":"soon"},"inputs":[]}""", "'bucket'" },
        { """{"parameters":[],"inputs":[]}""", "'parameters' of the request" },
        { """{"parameters":{"binary_data_output":1},"inputs":[]}""", "'parameters' of the request" },
        { Input("""{"shape":[1],"datatype":"FP32","data":[1]}"""), "'name'" },
        { Input("""{"name":"x","shape":[1],"datatype":"BYTES","data":["a"]}"""), "'datatype'" },
        { Input("""{"name":"x","shape":[-1],"datatype":"FP32","data":[1]}"""), "'shape'" },
        { Input("""{"name":"x","shape":[1,1,1,1,1,1,1,1,1],"datatype":"FP32","data":[1]}"""), "'shape'" },
        { Input("""{"name":"x","shape":[2147483647,2147483647,2147483647,2147483647],"datatype":"FP32","data":[1]}"""), "more than 8388608 bytes" },
        { Input("""{"name":"x","shape":[1],"datatype":"FP32"}"""), "no 'data'" },
        { Input("""{"name":"x","shape":[1],"datatype":"FP16","data":[1]}"""), "binary" },
        { Input("""{"name":"x","shape":[2],"datatype":"FP32","data":[1]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2],[3]]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2,3,4]]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"UINT8","data":[256]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"UINT64","data":[-1]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"INT64","data":[9223372036854775808]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"INT32","data":[1.5]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"FP32","data":[1e39]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"FP64","data":[1e999]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"FP32","data":["1"]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"BOOL","data":[1]}"""), "do not fit" },
        { Input("""{"name":"x","shape":[1],"datatype":"UINT8","data":[1],"parameters":{"binary_data_size":1}}"""), "both" },
        { Input("""{"name":"x","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":2}}"""), "'binary_data_size'" },
        { Input("""{"name":"x","shape":[1],"datatype":"UINT8","parameters":{"binary_data_size":1}}"""), "cut short" },
        { Input("""{"name":"x","shape":[1],"datatype":"UINT8","parameters":{"shared_memory_region":"r"}}"""), "not supported" },
        { Input("""{"name":"x","shape":[0],"datatype":"UINT8","data":[]},{"name":"x","shape":[0],"datatype":"UINT8","data":[]}"""), "twice" },
        { Output("""{"name":"z"},{"name":"z"}"""), "twice" },
        { Output("""{"name":"z","parameters":{"classification":3}}"""), "not supported" },
        { Output("""{"name":"z","parameters":{"binary_data":"yes"}}"""), "malformed" },
        { Output("7"), "'name'" },
        { Output(""), "'outputs'" },
    };

    [Fact]
    public void A_request_is_read_with_all_it_says()
    {
        OipRequest request = Parse(Good);
        Assert.Equal("a1", request.Id);
        Assert.Equal(TimeSpan.FromSeconds(5), request.Bucket);
        Assert.Equal([1.5f, -2f, 300f, 0f], request.Inputs[0].ToFloats());
        Assert.Equal([2L, 2L], request.Inputs[0].Shape);
        Assert.Equal(9007199254740993, BitConverter.ToInt64(request.Inputs[1].Data.Span[16..]));
        Assert.Equal([new OipOutput("z", true), new OipOutput("w", false)], request.Outputs);
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_datatype_is_exact_in_JSON_both_ways(string datatype, string values, string hex)
    {
        OipRequest request = Parse(Input($$"""{"name":"x","shape":[2],"datatype":"{{datatype}}","data":[{{values}}]}"""));
        Assert.Equal(hex, Convert.ToHexString(request.Inputs[0].Data.Span));
        OipResponse response = OipResponse.TryWrite("m", request, request.Inputs, out _)!;
        JsonNode output = JsonNode.Parse(response.Body.Span)!["outputs"]![0]!;
        Assert.Equal($"[{values}]", output["data"]!.ToJsonString());
        Assert.Equal(datatype, (string?)output["datatype"]);
        Assert.Null(response.JsonLength);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_wrong_is_refused_by_name(string json, string sentence)
    {
        Assert.Null(OipRequest.TryParse(Encoding.UTF8.GetBytes(json), out string error));
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "[7]", 1)]
    [InlineData("[0]", "[]", 0)]
    [InlineData("[2,0]", "[[],[]]", 0)]
    [InlineData("[2,0]", "[]", 0)]
    [InlineData("[2,2]", "[1,2,3,4]", 4)]
    [InlineData("[1,1,1,1,1,1,1,2]", "[[[[[[[[1,2]]]]]]]]", 2)]
    public void Data_are_flat_or_nested_to_any_rank(string shape, string data, int count)
    {
        OipRequest request = Parse(Input($$"""{"name":"x","shape":{{shape}},"datatype":"UINT8","data":{{data}}}"""));
        Assert.Equal(count, request.Inputs[0].Data.Length);
    }

    [Fact]
    public void The_limit_holds_for_all_inputs_together()
    {
        // Two bytes of JSON make eight of a double.
        string data = string.Join(',', Enumerable.Repeat('0', 600_000));
        string one = $$"""{"name":"x","shape":[600000],"datatype":"FP64","data":[{{data}}]}""";
        Assert.Equal(4_800_000, Parse(Input(one)).Inputs[0].Data.Length);
        string two = Input($"{one},{one.Replace("\"x\"", "\"y\"", StringComparison.Ordinal)}");
        Assert.Null(OipRequest.TryParse(Encoding.UTF8.GetBytes(two), out string error));
        Assert.Contains("more than 8388608 bytes", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Binary_tensors_are_taken_in_order_and_to_the_last_byte()
    {
        string json = Input("""
            {"name":"h","shape":[2],"datatype":"FP16","parameters":{"binary_data_size":4}},
            {"name":"b","shape":[2],"datatype":"BOOL","parameters":{"binary_data_size":2}}
            """);
        OipRequest request = OipRequest.TryParse(Body(json, 0, 60, 0, 188, 1, 0), json.Length, out _)!;
        Assert.Equal([0, 60, 0, 188], request.Inputs[0].Data.ToArray());
        Assert.Equal([1, 0], request.Inputs[1].Data.ToArray());
        Assert.Null(OipRequest.TryParse(Body(json, 0, 60, 0, 188, 1, 0, 0), json.Length, out string error));
        Assert.Contains("more binary data", error, StringComparison.Ordinal);
        Assert.Null(OipRequest.TryParse(Body(json, 0, 60, 0, 188, 1, 2), json.Length, out error));
        Assert.Contains("neither 0 nor 1", error, StringComparison.Ordinal);
        Assert.Null(OipRequest.TryParse(Body(json), json.Length + 1, out error));
        Assert.Contains("stated length", error, StringComparison.Ordinal);
        Assert.Null(OipRequest.TryParse(Body(json), -1, out _));
        Assert.Null(OipRequest.TryParse(new byte[OipRequest.MaxBytes + 1], out error));
        Assert.Contains("at most 8388608 bytes", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Binary_outputs_follow_the_JSON()
    {
        OipRequest request = Parse(Good);
        Tensor[] outputs = [Tensor.Of("w", [1], [2f]), Tensor.TryCreate("z", Datatype.FP16, [1], new byte[] { 0, 60 })!];
        OipResponse response = OipResponse.TryWrite("m", request, outputs, out _)!;
        JsonNode json = JsonNode.Parse(response.Body.Span[..response.JsonLength!.Value])!;
        Assert.Equal(
            """{"model_name":"m","model_version":"1","id":"a1","outputs":[{"name":"z","datatype":"FP16","shape":[1],"parameters":{"binary_data_size":2}},{"name":"w","datatype":"FP32","shape":[1],"data":[2]}]}""",
            json.ToJsonString());
        Assert.Equal([0, 60], response.Body[response.JsonLength.Value..].ToArray());
    }

    [Fact]
    public void An_output_that_is_missing_or_has_no_JSON_is_an_error()
    {
        OipRequest request = new() { Inputs = [], Outputs = [new OipOutput("z", false)] };
        Assert.Null(OipResponse.TryWrite("m", request, [], out string error));
        Assert.Contains("gave no output 'z'", error, StringComparison.Ordinal);
        Assert.Null(OipResponse.TryWrite("m", request, [Tensor.Of("z", [1], [float.NaN])], out error));
        Assert.Contains("ask for binary", error, StringComparison.Ordinal);
        Assert.Null(OipResponse.TryWrite("m", request, [Tensor.TryCreate("z", Datatype.FP16, [0], default)!], out error));
        Assert.Contains("ask for binary", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_without_JSON_is_the_one_input_of_a_model()
    {
        ModelEntry model = Networks.Model();
        OipRequest request = OipRequest.TryParseRaw(model, new byte[2 * 64 * 4], out _)!;
        Assert.Equal([2L, 1, 8, 8], request.Inputs[0].Shape);
        Assert.True(request.BinaryOutputs);
        Assert.Null(OipRequest.TryParseRaw(model, new byte[64 * 4 - 1], out string error));
        Assert.NotEmpty(error);
        Assert.Null(OipRequest.TryParseRaw(model with { Inputs = [.. model.Inputs, .. model.Inputs] }, new byte[256], out _));
        Assert.Null(OipRequest.TryParseRaw(model with { Inputs = [new TensorSpec("x", "FP32", [-1, -1])] }, new byte[256], out _));
        Assert.Null(OipRequest.TryParseRaw(model with { Inputs = [new TensorSpec("x", "BYTES", [-1])] }, new byte[256], out _));
    }

    [Fact]
    public void Noise_and_damaged_requests_never_throw_and_are_never_silent()
    {
        Random random = new(7);
        byte[][] seeds = [.. Refused.Select(row => Encoding.UTF8.GetBytes((string)row[0]!)), Encoding.UTF8.GetBytes(Good)];
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] body = [.. seeds[random.Next(seeds.Length)]];
            if (i % 10 == 0)
            {
                random.NextBytes(body);
            }
            for (int change = random.Next(4); change > 0; change--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }
            int? length = random.Next(3) == 0 ? random.Next(-1, body.Length + 2) : null;
            OipRequest? request = OipRequest.TryParse(body, length, out string error);
            Assert.Equal(request is null, error.Length > 0);
            read += request is null ? 0 : 1;
        }
        Assert.InRange(read, 1, 19_999);
    }

    static OipRequest Parse(string json)
    {
        OipRequest? request = OipRequest.TryParse(Encoding.UTF8.GetBytes(json), out string error);
        Assert.True(request is not null, error);
        return request;
    }

    static byte[] Body(string json, params byte[] blobs) => [.. Encoding.UTF8.GetBytes(json), .. blobs];

    static string Input(string inputs) => $$"""{"inputs":[{{inputs}}]}""";

    static string Output(string outputs) =>
        $$"""{"inputs":[{"name":"x","shape":[0],"datatype":"UINT8","data":[]}],"outputs":[{{outputs}}]}""";
}
