using System.Text.Json;
using Funion.Hosting;

namespace Funion.Tests.Infrastructure;

/// <summary>Both apps' host.json: every key is one that the host knows, every value in its range.</summary>
public sealed class HostJsonTests
{
    public static TheoryData<string> Apps => ["Funion.Node", "Funion.Inference"];

    [Theory]
    [MemberData(nameof(Apps))]
    public void Every_option_is_known_and_in_its_range(string app) => Assert.Empty(HostJson.Parse(HostJson.Text(app)).Problems());

    [Theory]
    [InlineData("\"batchSize\": 32", "\"batchSize\": 33", "batchSize")]
    [InlineData("\"newBatchThreshold\": 16", "\"newBatchThreshold\": -1", "newBatchThreshold")]
    [InlineData("\"maxPollingInterval\": \"00:00:01\"", "\"maxPollingInterval\": \"00:01:01\"", "maxPollingInterval")]
    [InlineData("\"maxPollingInterval\": \"00:00:01\"", "\"maxPollingInterval\": \"00:00:00.099\"", "maxPollingInterval")]
    [InlineData("\"visibilityTimeout\": \"00:00:05\"", "\"visibilityTimeout\": \"00:00:00\"", "visibilityTimeout")]
    [InlineData("\"maxDequeueCount\": 1000", "\"maxDequeueCount\": 8", "maxDequeueCount")]
    [InlineData("\"messageEncoding\": \"none\"", "\"messageEncoding\": \"base64\"", "messageEncoding: decoded twice")]
    [InlineData("\"messageEncoding\": \"none\"", "\"messageEncoding\": \"utf8\"", "messageEncoding")]
    [InlineData("\"autoCompleteMessages\": false", "\"autoCompleteMessages\": true", "autoCompleteMessages")]
    [InlineData("\"routePrefix\": \"\"", "\"routePrefix\": \"api\"", "http")]
    [InlineData("\"hubName\": \"funion\"", "\"hubName\": \"a-hub\"", "hubName")]
    [InlineData("\"partitionCount\": 1", "\"partitionCount\": 17", "partitionCount")]
    [InlineData("\"traceInputsAndOutputs\": false", "\"traceInputsAndOutputs\": true", "tracing")]
    [InlineData("\"fileLoggingMode\": \"never\"", "\"fileLoggingMode\": \"always\"", "fileLoggingMode")]
    [InlineData("\"Function\": \"None\"", "\"Function\": \"Error\"", "Function")]
    [InlineData("\"Host.Results\": \"None\",", "", "Host.Results")]
    [InlineData("\"Host.Aggregator\": \"None\"", "\"Host.Aggregator\": \"Error\"", "Host.Aggregator")]
    [InlineData("\"default\": \"Warning\"", "\"default\": \"Information\"", "default: Information")]
    [InlineData("\"default\": \"Warning\"", "\"default\": \"Quiet\"", "default: Quiet")]
    public void A_value_that_is_wrong_is_seen(string old, string changed, string problem)
    {
        string text = HostJson.Text("Funion.Inference");
        Assert.Contains(old, text, StringComparison.Ordinal);
        Assert.Equal([problem], HostJson.Parse(text.Replace(old, changed, StringComparison.Ordinal)).Problems());
    }

    [Theory]
    [InlineData("\"batchSize\"", "\"batchsize\"")]
    [InlineData("\"queues\"", "\"storageQueues\"")]
    [InlineData("\"durableTask\"", "\"durableTasks\"")]
    [InlineData("\"tracing\"", "\"trace\"")]
    [InlineData("\"logLevel\"", "\"logLevels\"")]
    [InlineData("\"batchSize\": 32", "\"batchSize\": \"many\"")]
    public void A_key_that_nobody_reads_is_seen(string old, string changed)
    {
        string text = HostJson.Text("Funion.Inference");
        Assert.Contains(old, text, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => HostJson.Parse(text.Replace(old, changed, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_left_out_has_the_documented_default()
    {
        HostJson plain = HostJson.Parse("""{ "version": "2.0", "extensions": { "queues": {} }, "logging": {} }""");
        Assert.Equal((16, 8, TimeSpan.FromMinutes(1), 5, "base64"), (
            plain.Extensions.Queues.BatchSize, plain.Extensions.Queues.NewBatchThreshold, plain.Extensions.Queues.MaxPollingInterval,
            plain.Extensions.Queues.MaxDequeueCount, plain.Extensions.Queues.MessageEncoding));
        // None of which would do.
        Assert.Superset(
            new HashSet<string> { "http", "visibilityTimeout", "maxDequeueCount", "messageEncoding: decoded twice", "autoCompleteMessages", "maxConcurrentCalls", "Function" },
            plain.Problems().ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void The_host_polls_as_often_as_the_profile_says(string app)
    {
        // The file is responsive; the template's setting makes it economical. NodeSettings reads the same profile.
        Assert.Equal(LatencyProfile.Responsive.Pace().Poll, HostJson.Parse(HostJson.Text(app)).Extensions.Queues.MaxPollingInterval);
        const string Setting = "AzureFunctionsJobHost__extensions__queues__maxPollingInterval";
        BicepNode setting = BicepSyntax.Repository.Single(file => file.Path == "infra/app/settings.bicep").Root.Of("object_property")
            .Single(property => property.Children[0].Text == Setting);
        HostJson economical = HostJson.Parse(HostJson.With(HostJson.Text(app), Setting, setting.Children[1].Literal!));
        Assert.Equal(LatencyProfile.Economical.Pace().Poll, economical.Extensions.Queues.MaxPollingInterval);
        Assert.Empty(economical.Problems());
    }

    [Fact]
    public void Settings_over_host_json_are_keys_of_it()
    {
        string[] settings = [.. AppContract.HostSettings.Where(name => name.StartsWith("AzureFunctionsJobHost__", StringComparison.Ordinal))];
        Assert.Equal(4, settings.Length);
        Assert.All(settings, name => HostJson.Parse(HostJson.With(HostJson.Text("Funion.Inference"), name, "00:00:10")));
        Assert.Throws<JsonException>(() => HostJson.Parse(HostJson.With(HostJson.Text("Funion.Inference"), "AzureFunctionsJobHost__extensions__queues__polling", "1")));
    }
}
