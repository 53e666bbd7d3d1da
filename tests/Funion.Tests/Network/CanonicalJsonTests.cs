using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Funion.Network;

namespace Funion.Tests.Network;

public class CanonicalJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("-1")]
    [InlineData("{\"a\":[1,true,false,\"x\"],\"b\":{}}")]
    [InlineData("9007199254740991")]
    [InlineData("\"\\\"\\\\\\b\\t\\n\\f\\r\\u0001 €/\"")]
    public void Canonical_text_parses(string text) => Assert.True(Parses(text));

    [Theory]
    [InlineData("")]
    [InlineData(" {}")]
    [InlineData("{} ")]
    [InlineData("{}{}")]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("-0")]
    [InlineData("01")]
    [InlineData("9007199254740992")]
    [InlineData("{\"b\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"\\u0061\":1}")]
    [InlineData("\"\\/\"")]
    [InlineData("\"\\u0061\"")]
    [InlineData("\"\\u001F\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("[1,]")]
    [InlineData("//x\n1")]
    public void Everything_else_is_refused(string text) => Assert.False(Parses(text));

    [Fact]
    public void Invalid_utf8_depth_and_size_are_refused()
    {
        Assert.False(CanonicalJson.TryParse([(byte)'"', 0xff, (byte)'"'], out _));
        Assert.True(Parses(new string('[', CanonicalJson.MaxDepth) + new string(']', CanonicalJson.MaxDepth)));
        Assert.False(Parses(new string('[', CanonicalJson.MaxDepth + 1) + new string(']', CanonicalJson.MaxDepth + 1)));
        Assert.True(Parses('"' + new string('a', CanonicalJson.MaxSize - 2) + '"'));
        Assert.False(Parses('"' + new string('a', CanonicalJson.MaxSize - 1) + '"'));
    }

    // RFC 8785 section 3.2.3: the order is of UTF-16 code units, not of code points.
    [Fact]
    public void Members_are_ordered_by_code_units()
    {
        JsonObject value = new() { ["\u20ac"] = 1, ["\r"] = 2, ["\ufb33"] = 3, ["1"] = 4, ["\U0001f600"] = 5, ["\u0080"] = 6, ["\u00f6"] = 7 };
        Assert.Equal(
            "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001f600\":5,\"\ufb33\":3}",
            Encoding.UTF8.GetString(CanonicalJson.Encode(value)));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentException>(() => CanonicalJson.Encode(new JsonObject { ["a"] = null }));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Encode(JsonValue.Create(0.5)));
        Assert.Throws<ArgumentNullException>(() => CanonicalJson.Encode(null!));
    }

    [Fact]
    public void Whatever_parses_encodes_to_the_same_bytes()
    {
        Random random = new(1);
        const string Alphabet = "{}[]\",:\\u0019aetrufls- \u00e9";
        int parsed = 0;
        for (int round = 0; round < 20_000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            if (CanonicalJson.TryParse(bytes, out JsonElement value))
            {
                parsed++;
                Assert.Equal(bytes, CanonicalJson.Encode(JsonNode.Parse(value.GetRawText())!));
            }
        }

        Assert.InRange(parsed, 1, 19_999);
    }

    static bool Parses(string text) => CanonicalJson.TryParse(Encoding.UTF8.GetBytes(text), out _);
}
