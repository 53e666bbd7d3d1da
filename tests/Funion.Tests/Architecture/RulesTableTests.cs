using System.Text.RegularExpressions;

namespace Funion.Tests.Architecture;

/// <summary>The table of protocol rules names tests that are there.</summary>
public sealed partial class RulesTableTests
{
    [Fact]
    public void Every_test_that_the_table_names_is_there()
    {
        string table = File.ReadAllText(Path.Combine(Repository.Root, "tests", "RULES.md"));
        (string Class, string Method)[] named = [.. Named().Matches(table).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];
        Assert.True(named.Length > 30, $"{named.Length} tests are named");
        Dictionary<string, string> sources = Repository.Sources("tests").Where(path => path.EndsWith("Tests.cs", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetFileNameWithoutExtension(path), File.ReadAllText);
        Assert.All(named, test =>
        {
            Assert.True(sources.TryGetValue(test.Class, out string? source), $"{test.Class} is not there");
            // A fact or a theory, not a helper that happens to be called so.
            Assert.Matches($@"\[(Fact|Theory)[^;{{]*(void|Task) {test.Method}\(", source);
        });
    }

    [GeneratedRegex("`([A-Za-z]+Tests)\\.([A-Za-z0-9_]+)`")]
    private static partial Regex Named();
}
