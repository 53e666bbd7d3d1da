using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Funion.Network;

namespace Funion.IntegrationTests;

/// <summary>
/// The commands of infra/README.md, block after block as they stand there, each in a shell of its own, with the tool as it is built and stand-ins for what
/// is not here: az answers as the templates' outputs would, and keeps what is uploaded. What comes of it is a network that could be asked.
/// </summary>
public sealed partial class DeploymentTests : IDisposable
{
    static readonly string[] s_names =
        ["gateway-0", "mix-1-0", "mix-2-0", "mix-3-0", "courier-0", .. Enumerable.Range(0, NetworkRules.DefaultReplicas).Select(i => $"replica-{i}"), "compute-0"];

    readonly string _folder = Directory.CreateTempSubdirectory("funion-deployment-").FullName;

    string Calls => File.ReadAllText(Path.Combine(_folder, "calls"));

    [Fact]
    public async Task What_the_readme_says_makes_a_network_that_answers_and_goes_on()
    {
        Prepare();
        await RunAsync(BlockOf("Deploy", 0));
        SignedNetworkDocument first = Signed();
        NetworkDocument document = first.Document;
        Assert.Empty(NetworkRules.Broken(document));
        Assert.Equal(s_names.Order(), document.Nodes.Select(node => node.Name).Order());
        Assert.Equal("digits", Assert.Single(document.Models).Name);
        Assert.Equal(NodeRole.Compute, document.Node(document.Models[0].Compute)?.Role);
        Assert.All(document.Nodes, node => Assert.Equal(node.Role is NodeRole.Gateway or NodeRole.Mix ? $"https://func-{node.Name}-token.example" : "", node.Address));
        // What costs money day and night, and what Storage queues can do.
        Assert.InRange(document.Rates.MeanDelayMilliseconds, 2_000, 10_000);
        Assert.InRange(document.Rates.LinkPerKilosecond, 1, 1_000);
        Assert.InRange(document.Rates.ComputePerKilosecond, 1, 1_000);
        Assert.InRange(document.Rates.ClientPerKilosecond, 1, 200);
        Assert.InRange(document.Rates.ClientLoopPerKilosecond, 1, 200);
        Assert.All(s_names, name => Assert.Contains($"keyvault secret set --vault-name kv-{name} --name {name}-keys --file state/{name}.keys", Calls, StringComparison.Ordinal));
        Assert.All(s_names, name => Assert.Contains($"storage blob upload --auth-mode login --account-name st{name} ", Calls, StringComparison.Ordinal));
        // The second deployment has pin and image, and the image is built before it.
        string[] lines = Calls.Split('\n'), deployed = [.. lines.Where(line => line.Contains("deployment sub create --name funion ", StringComparison.Ordinal))];
        Assert.Equal(2, deployed.Length);
        Assert.EndsWith("[|]", deployed[0], StringComparison.Ordinal);
        string pin = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(_folder, "network.json.authorities")));
        Assert.EndsWith($"[registry.example/compute:1|{pin}]", deployed[1], StringComparison.Ordinal);
        Assert.InRange(Array.FindIndex(lines, line => line.Contains("acr build --registry registry --image compute:1 ", StringComparison.Ordinal)), 1, Array.IndexOf(lines, deployed[1]));
        Assert.All(s_names[..^1], name => Assert.Contains($"config-zip --resource-group rg-funion --name func-{name}-token ", Calls, StringComparison.Ordinal));

        await RunAsync(BlockOf("Deploy", 1));
        Assert.Contains("curl -fsS https://func-gateway-0-token.example/v1/health/ready", Calls, StringComparison.Ordinal);
        Assert.Contains("funion infer digits functions/Funion.Models/Digits/sample-7.png --network https://func-gateway-0-token.example ", Calls, StringComparison.Ordinal);

        await RunAsync(BlockOf("One node among others'", 0));
        await RunAsync(BlockOf("One node among others'", 1));
        NetworkDocument joined = Signed().Document;
        Assert.Equal((2L, s_names.Length + 1), (joined.Version, joined.Nodes.Count));
        Assert.Equal(first.Document.Hash(), joined.Previous);
        Assert.Equal("https://func-mix-2-1-token.example", joined.Nodes.Single(node => node.Name == "mix-2-1").Address);

        await RunAsync(BlockOf("Upgrade", 0));
        await RunAsync(BlockOf("Rotate keys", 0));
        NetworkDocument rotated = Signed().Document;
        Assert.Empty(NetworkRules.Broken(rotated));
        Assert.Equal(3, rotated.Version);
        Assert.Equal(joined.Nodes.Select(node => (node.Id, node.Address)), rotated.Nodes.Select(node => (node.Id, node.Address)));
        Assert.Equal((joined.Rates, joined.Models[0].Name, joined.Models[0].Compute), (rotated.Rates, rotated.Models[0].Name, rotated.Models[0].Compute));
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder, "uploaded")), File.ReadAllBytes(Path.Combine(_folder, "network.json")));
    }

    [Fact]
    public async Task Nothing_is_made_where_the_keys_are_somewhere_else()
    {
        Prepare();
        await RunAsync("infra/hooks/outputs.sh funion\nVAULTS_ARE_FULL=yes FUNION_AUTHORITIES=pin infra/hooks/network.sh");
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "state"), "*.keys"));
        Assert.DoesNotContain("secret set ", Calls, StringComparison.Ordinal);
        Assert.NotEqual(0, await ExitAsync("infra/hooks/rotate.sh"));
        Assert.NotEqual(0, await ExitAsync("infra/hooks/outputs.sh empty"));
        Assert.NotEqual(0, await ExitAsync("infra/hooks/deploy.sh nobody"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    SignedNetworkDocument Signed()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(_folder, "network.json"));
        Assert.True(TrustedAuthorities.TryParse(File.ReadAllBytes(Path.Combine(_folder, "network.json.authorities")), out TrustedAuthorities? pin));
        Assert.Equal(DocumentVerdict.Accepted, new NetworkTrust(pin).Check(bytes, DateTimeOffset.UtcNow, null, out _));
        Assert.True(SignedNetworkDocument.TryParse(bytes, out SignedNetworkDocument? signed));
        return signed;
    }

    /// <summary>The nth block of commands under a heading.</summary>
    static string BlockOf(string heading, int index)
    {
        string readme = File.ReadAllText(InRepository("infra/README.md"));
        int from = readme.IndexOf($"\n## {heading}\n", StringComparison.Ordinal), to = readme.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        return Block().Matches(readme[from..to]).Select(match => match.Groups[1].Value).ElementAt(index);
    }

    void Prepare()
    {
        foreach (string folder in (string[])["infra", "functions"])
        {
            Directory.CreateSymbolicLink(Path.Combine(_folder, folder), InRepository(folder));
        }
        string Outputs(string[] names) => string.Join("\\t",
            "rg-funion", string.Join(' ', names.Select(name => $"{name}:kv-{name}:st{name}")),
            string.Join(' ', names.Where(name => !name.StartsWith("compute", StringComparison.Ordinal)).Select(name => $"func-{name}-token")),
            string.Join(' ', names.Where(name => name[0] is 'g' or 'm').Select(name => $"{name}=https://func-{name}-token.example")),
            "ca-compute-0", "registry", "registry.example");
        // Resource Manager's own spelling of names, at times.
        const string Names = "azurE_RESOURCE_GROUP\\tfunioN_NODES\\tFUNION_FUNCTION_APPS\\tfunioN_ADDRESSES\\tFUNION_CONTAINER_APPS"
            + "\\tazurE_CONTAINER_REGISTRY_NAME\\tAZURE_CONTAINER_REGISTRY_ENDPOINT";
        StandIn("az", $"""
            case "$*" in
              "deployment sub show --name funion --query "*) printf '{Names}\n{Outputs(s_names)}\n' ;;
              "deployment sub show --name funion-mix --query "*) printf '{Names}\n{Outputs(["mix-2-1"])}\n' ;;
              "deployment sub show --name empty --query "*) printf 'FUNION_NODES\n\n' ;;
              "deployment sub create --name funion --location "*) ;;
              "deployment sub create --name funion-mix "*) [ -n "$FUNION_NODE" ] && [ -n "$FUNION_NETWORK_DOCUMENT" ] && [ -n "$FUNION_AUTHORITIES" ] ;;
              "keyvault secret list "*) [ -z "$VAULTS_ARE_FULL" ] || echo there ;;
              "keyvault secret set --vault-name "*) echo id/new ;;
              "keyvault secret list-versions "*) printf 'id/old\nid/new\n' ;;
              "keyvault secret set-attributes --id id/old "*) ;;
              "storage blob upload "*" --container-name network "*) cp network.json uploaded ;;
              "acr build "*" --file functions/Funion.Inference/Dockerfile .") ;;
              "functionapp deployment source config-zip "*) ;;
              "containerapp update "*" --name ca-compute-0 --image registry.example/compute:2") ;;
              *) exit 9 ;;
            esac
            """);
        StandIn("curl", """
            case "$*" in */v1/network) cat uploaded ;; esac
            """);
        StandIn("zip", "");
        StandIn("dotnet", """
            case "$1" in publish) mkdir -p "$6" ;; *) exit 9 ;; esac
            """);
        // The stand-in for dotnet comes before it on the path.
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet")), tool = Path.Combine(AppContext.BaseDirectory, "Funion.Cli.dll");
        StandIn("funion", $"""
            case "$1" in infer) echo 7 ;; *) exec "{dotnet}" "{tool}" "$@" ;; esac
            """);
    }

    void StandIn(string program, string script)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName, program);
        File.WriteAllText(path, $"#!/bin/sh\necho \"{program} $* [$SERVICE_COMPUTE_IMAGE_NAME|$FUNION_AUTHORITIES]\" >> {Path.Combine(_folder, "calls")}\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    async Task RunAsync(string script)
    {
        (int code, string said) = await ShellAsync(script);
        Assert.True(code == 0, $"{script}\nended with {code}: {said}");
    }

    async Task<int> ExitAsync(string script) => (await ShellAsync(script)).Code;

    async Task<(int Code, string Said)> ShellAsync(string script)
    {
        ProcessStartInfo start = new("sh", ["-euc", script]) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string variable in start.Environment.Keys.Where(name => name.StartsWith("FUNION_", StringComparison.Ordinal) || name.StartsWith("AZURE_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(variable);
        }
        start.Environment["PATH"] = $"{Path.Combine(_folder, "bin")}:{start.Environment["PATH"]}";
        start.Environment["FUNION_HOME"] = Path.Combine(_folder, "home");
        using Process shell = Process.Start(start)!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync(), errors = shell.StandardError.ReadToEndAsync();
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(4));
        await shell.WaitForExitAsync(deadline.Token);
        return (shell.ExitCode, await output + await errors);
    }

    static string InRepository(string path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Funion.Serverless.sln")))
        {
            folder = folder.Parent;
        }
        return Path.Combine(folder!.FullName, path);
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
