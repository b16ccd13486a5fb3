using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Broadcast.Grains.Abstractions.Publishers;
using Orleans.Serialization;

namespace Broadcast.Grains.Tests.Contracts;

/// <summary>What travels between silos, as text. During a rolling upgrade two releases speak it at the same time.</summary>
public class ContractTests
{
    private static readonly Assembly Contracts = typeof(IPublisherGrain).Assembly;

    [Fact]
    public void The_contract_is_the_one_that_other_releases_know()
    {
        var file = Path.Combine(Path.GetDirectoryName(Here())!, "contract.txt");
        var now = Describe();
        var known = File.Exists(file) ? File.ReadAllText(file) : "";
        if (known == now) return;
        var proposal = Path.Combine(AppContext.BaseDirectory, "contract.txt");
        File.WriteAllText(proposal, now);
        Assert.Fail(
            $"""
            The contract between silos differs from {file}.
            Nodes of the former release must understand it during a rolling upgrade. Allowed: new types, new methods, new members under
            ids that were never used. Not allowed: another type under a known id, a known id or alias taken away or given to something else.
            If only allowed changes were made, replace the file by {proposal} and commit it with the change.
            """);
    }

    [Fact]
    public void Every_type_and_method_has_an_alias_every_member_an_id_and_every_method_its_own_patience()
    {
        foreach (var type in Types())
        {
            Assert.True(type.GetCustomAttribute<AliasAttribute>() is not null, $"{type} has no alias");
            if (type.IsInterface)
            {
                foreach (var method in type.GetMethods())
                {
                    Assert.True(method.GetCustomAttribute<AliasAttribute>() is not null, $"{type}.{method.Name} has no alias");
                    var patience = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
                    Assert.True(patience <= TimeSpan.FromSeconds(5), $"{type}.{method.Name} may take {patience?.ToString() ?? "30 s"}");
                }
            }
            else if (!type.IsEnum)
            {
                var ids = Members(type).Select(member => member.GetCustomAttribute<IdAttribute>()?.Id ?? throw new InvalidOperationException($"{type}.{member.Name} has no id")).ToArray();
                Assert.Distinct(ids);
            }
        }
    }

    private static string Describe()
    {
        var text = new StringBuilder();
        foreach (var type in Types().OrderBy(Alias, StringComparer.Ordinal))
        {
            text.Append(type.IsInterface ? "grain " : type.IsEnum ? "enum " : "type ").Append(Alias(type)).Append('\n');
            if (type.IsInterface)
            {
                foreach (var method in type.GetMethods().OrderBy(Alias, StringComparer.Ordinal))
                    text.Append($"  {Alias(method)}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))}): {Name(method.ReturnType)}\n");
            }
            else if (type.IsEnum)
            {
                foreach (var name in Enum.GetNames(type)) text.Append($"  {Convert.ToInt32(Enum.Parse(type, name), null)} {name}\n");
            }
            else
            {
                foreach (var member in Members(type).OrderBy(member => member.GetCustomAttribute<IdAttribute>()!.Id))
                    text.Append($"  {member.GetCustomAttribute<IdAttribute>()!.Id} {Name(((PropertyInfo)member).PropertyType)}\n");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Type> Types() => Contracts.GetExportedTypes().Where(type =>
        !type.FullName!.StartsWith("OrleansCodeGen", StringComparison.Ordinal)
        && ((type.IsInterface && typeof(IGrain).IsAssignableFrom(type)) || type.IsEnum || type.GetCustomAttribute<GenerateSerializerAttribute>() is not null));

    private static IEnumerable<MemberInfo> Members(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.Name != "EqualityContract");

    private static string Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>()?.Alias ?? member.Name;

    private static string Name(Type type)
    {
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } inner) return Name(inner) + "?";
        if (type.IsGenericType) return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        return type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.Name;
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
